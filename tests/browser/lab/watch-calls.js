// Watches what a page opens of calls and devices from here on, once: in a page that is watched already it does nothing. The tests in
// the browser and those from end to end put it into their pages.
(() => {
    if (window.__labCalls) return;
    const calls = { asked: 0, answered: 0, peers: [], tracks: [], sessions: [], contexts: [] };
    const watch = (name, made) => {
        if (!window[name]) return;
        window[name] = new Proxy(window[name], {
            construct(genuine, given, by) {
                const one = Reflect.construct(genuine, given, by);
                made(one);
                return one;
            },
        });
    };
    watch('RTCPeerConnection', one => calls.peers.push(one));
    watch('AudioContext', one => calls.contexts.push(one));
    watch('WebTransport', one => {
        const session = { open: true };
        const ended = () => { session.open = false; };
        one.closed.then(ended, ended);
        calls.sessions.push(session);
    });
    const media = window.MediaDevices?.prototype;
    if (media) {
        const genuine = media.getUserMedia;
        media.getUserMedia = function (...given) {
            calls.asked += 1;
            const opened = genuine.apply(this, given).then(stream => {
                calls.tracks.push(...stream.getTracks());
                return stream;
            });
            // As if the person took that long to answer.
            return calls.held ? calls.held.then(() => opened).finally(() => { calls.answered += 1; }) : opened;
        };
    }
    calls.hold = () => { calls.held = new Promise(answer => { calls.answer = answer; }); };
    calls.left = () => ({
        peers: calls.peers.filter(one => one.signalingState !== 'closed').length,
        tracks: calls.tracks.filter(one => one.readyState !== 'ended').length,
        sessions: calls.sessions.filter(one => one.open).length,
        contexts: calls.contexts.filter(one => one.state !== 'closed').length,
    });
    window.__labCalls = calls;
})();
