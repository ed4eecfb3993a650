// Open WebUI: this file as static/loader.js of its frontend, which each of its pages loads, and the folder of the test beside it.
//
//   -v ./dist/integrations/open-webui-loader.js:/app/build/static/loader.js:ro -v ./dist:/app/build/static/diagnostics:ro
//
// Where Open WebUI warns ("Connection lost"), a button at the lower edge opens the test. Nothing but the
// small half of the element is loaded before.
(async () => {
  await import(new URL('/static/diagnostics/connection-doctor.js', document.currentScript?.src ?? location.href).href);
  const doctor = document.createElement('connection-doctor');
  doctor.setAttribute('launcher', 'offer');
  doctor.setAttribute('profile', 'open-webui');
  doctor.setAttribute('watch-selector', '[data-sonner-toast][data-type="warning"]');
  Object.assign(doctor.style, { position: 'fixed', zIndex: 10000, insetInlineEnd: '1rem', insetBlockEnd: '1rem' });
  document.body.append(doctor);
})();
