// Chainlit, in .chainlit/config.toml:
//
//   [UI]
//   custom_js = "/public/diagnostics/integrations/chainlit.js"
//
// Where Chainlit says that it can't reach its server (#session-error), its alert gets a button that opens the test. Nothing but the
// small half of the element is loaded before.
(async () => {
  const own = document.currentScript ?? [...document.scripts].find(({ src }) => src.includes('integrations/chainlit.js'));
  await import(new URL('../connection-doctor.js', own.src).href);
  const doctor = document.createElement('connection-doctor');
  doctor.setAttribute('launcher', 'offer');
  doctor.setAttribute('profile', 'chainlit');
  doctor.setAttribute('watch-selector', '#session-error');
  doctor.addEventListener('connection-doctor:offer', (event) => {
    // In the alert itself, in place of the launcher.
    event.preventDefault();
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = doctor.label;
    Object.assign(button.style, { display: 'block', minHeight: '1.5rem', marginTop: '0.5rem', textDecoration: 'underline' });
    button.addEventListener('click', () => doctor.open().catch(() => {}));
    document.querySelector('#session-error')?.append(button);
  });
  document.body.append(doctor);
})();
