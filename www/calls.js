// Peer connections, devices and WebTransport, for voice and video. The program imports this file when a run needs it: chats
// without calls never load it. Each function takes a job and a signal, and gives what the browser told, as plain values. All
// that it opens is closed when it ends, and when the signal aborts: nothing stays connected, no lamp stays on.

const PING_EVERY = 10;
const LOSSY_WAIT = 1000;
const SETTLED = 1000;
const CHUNK = 16 * 1024;
const LOOK_EVERY = 100;

/** Candidates and errors with one STUN or TURN server (`url`), or with none. Ends at what was asked for, at an error that the server told, at the end, or at the limit. */
export async function gather({ url, username, credential, limit }, signal) {
  const told = { began: false, complete: false, candidates: [], errors: [] };
  const after = stopwatch();
  const relays = /^turn/i.test(url);
  const wanted = relays ? 'relay' : url && 'srflx';
  const end = new AbortController();
  try {
    const peer = connect(url ? [{ urls: url, username, credential }] : [], relays, either(signal, end.signal));
    peer.createDataChannel('');
    await until(limit, signal, (done) => {
      peer.onicegatheringstatechange = () => { told.began ||= peer.iceGatheringState === 'gathering'; };
      peer.onicecandidate = ({ candidate }) => {
        // Firefox says the end twice, by an empty one first.
        if (!candidate?.candidate) {
          told.complete ||= !candidate;
          if (!candidate) done();
          return;
        }
        told.candidates.push({ after: after(), line: candidate.candidate, relayProtocol: candidate.relayProtocol ?? undefined });
        if (wanted && candidate.candidate.includes(` typ ${wanted}`)) done();
      };
      peer.onicecandidateerror = (event) => {
        // Chromium uses each TURN server as a STUN server too, and tells its errors.
        if (relays && /^stun/i.test(event.url)) return;
        told.errors.push({ after: after(), code: event.errorCode, text: event.errorText, address: event.address ?? undefined });
        if (event.errorCode !== 701) done();
      };
      peer.setLocalDescription().catch((error) => {
        told.threw = thrown(error);
        done();
      });
    });
  } catch (error) {
    told.threw = thrown(error);
  } finally {
    end.abort();
  }
  return { ...told, endedAfter: after() };
}

/** Two peer connections of this page, through one relay alone or without any: a reliable channel and a lossy one. */
export async function loopback({ url, username, credential, limit, messages, bytes }, signal) {
  const told = { channels: [], state: 'new', pair: [] };
  const after = stopwatch();
  const end = new AbortController();
  const both = either(signal, end.signal);
  try {
    const servers = url ? [{ urls: url, username, credential }] : [];
    const [near, far] = [connect(servers, Boolean(url), both), connect(servers, Boolean(url), both)];
    const channels = [near.createDataChannel('reliable'), near.createDataChannel('lossy', { ordered: false, maxRetransmits: 0 })];
    const bulk = bytes ? near.createDataChannel('bulk') : undefined;
    far.ondatachannel = ({ channel }) => {
      let received = 0;
      channel.onmessage = ({ data }) => {
        received += data.size ?? data.byteLength ?? 0;
        if (channel.readyState !== 'open') return;
        if (channel.label !== 'bulk') channel.send(data);
        else if (received >= bytes) channel.send('all');
      };
    };
    const ends = channels.map((channel) => {
      const seen = { name: channel.label, sent: 0, returned: 0, outOfOrder: 0, whole: false, trips: [], channel };
      channel.addEventListener('open', () => { seen.openedAfter = after(); });
      return seen;
    });
    told.channels = ends;
    exchange(near, far);
    exchange(far, near);
    await until(limit, signal, (done) => {
      watch(near, told, after, () => told.state === 'failed' && done());
      for (const { channel } of ends) {
        channel.addEventListener('open', () => ends.every((one) => one.channel.readyState === 'open') && done());
      }
      negotiate(near, far).catch((error) => {
        told.threw = thrown(error);
        done();
      });
    });
    told.pair = await selectedPair(near);
    const left = () => Math.max(limit - after(), 0);
    const open = ends.filter(({ channel }) => channel.readyState === 'open');
    await Promise.all(open.map((one) => pings(one, messages, left(), signal)));
    if (bulk?.readyState === 'open') ends[0].throughput = await throughput(bulk, bytes, left(), signal);
  } catch (error) {
    told.threw = thrown(error);
  } finally {
    end.abort();
  }
  told.channels = told.channels.map(({ trips, channel, ...seen }) => {
    trips.sort((one, other) => one - other);
    return { ...seen, median: trips[trips.length >> 1], longest: trips.at(-1) };
  });
  return { ...told, endedAfter: after() };
}

/**
 * Answers a server's offer, and waits whether the connection comes about. `job.say(kind, text)` hands out the answer and the
 * candidates; `job.hear(text)`, which is set here, takes in the server's.
 */
export async function answer(job, signal) {
  const told = { state: 'new', pair: [] };
  const after = stopwatch();
  const end = new AbortController();
  try {
    const peer = connect(job.servers, false, either(signal, end.signal));
    peer.onicecandidate = ({ candidate }) => {
      if (candidate?.candidate) job.say('trickle', JSON.stringify(candidate));
    };
    await peer.setRemoteDescription({ type: 'offer', sdp: job.sdp });
    // What can't be taken in is the server's matter, and shows in the state.
    job.hear = (text) => Promise.resolve(text).then(JSON.parse).then((one) => peer.addIceCandidate(one)).catch(() => {});
    job.heard.forEach(job.hear);
    await peer.setLocalDescription();
    job.say('answer', peer.localDescription.sdp);
    await until(job.limit, signal, (done) => {
      watch(peer, told, after, () => (told.connectedAfter || /failed|closed/.test(told.state)) && done());
    });
    told.pair = await selectedPair(peer);
    // The first way that opens need not be the one that it stays with.
    if (told.connectedAfter && told.pair.some(({ protocol, kind }) => protocol !== 'udp' || kind === 'relay')) {
      await until(SETTLED, signal, () => {});
      told.pair = await selectedPair(peer);
    }
  } catch (error) {
    told.threw = thrown(error);
  } finally {
    job.hear = undefined;
    end.abort();
  }
  return { ...told, endedAfter: after() };
}

/** What a page is told of microphone and camera without asking the person. */
export async function devices() {
  const media = navigator.mediaDevices;
  const list = await media?.enumerateDevices?.().catch(() => []) ?? [];
  const policy = document.permissionsPolicy ?? document.featurePolicy;
  const look = async (name, kind) => ({
    state: await permission(name),
    allowed: policy?.allowsFeature?.(name),
    count: list.filter((device) => device.kind === kind).length,
  });
  return {
    api: Boolean(media?.getUserMedia),
    webrtc: typeof RTCPeerConnection === 'function',
    microphone: await look('microphone', 'audioinput'),
    camera: await look('camera', 'videoinput'),
  };
}

/** Opens the microphone or the camera: the browser asks the person. Its level or its picture is shown on the stage meanwhile. */
export async function capture({ device, limit, look, stage }, signal) {
  const after = stopwatch();
  const told = { muted: false };
  const sound = device === 'microphone';
  const end = new AbortController();
  let shown;
  try {
    const asked = navigator.mediaDevices.getUserMedia({ [sound ? 'audio' : 'video']: true });
    // Who stops the test while the browser still asks, and then says yes, must not be left with an open device.
    const close = () => asked.then((stream) => stream.getTracks().forEach((track) => track.stop()), () => {});
    signal.addEventListener('abort', close);
    end.signal.addEventListener('abort', close);
    const stream = await until(limit, signal, (done) => asked.then(done, (error) => {
      told.threw = thrown(error);
      done();
    }));
    if (stream) {
      told.openedAfter = after();
      const [track] = stream.getTracks();
      shown = sound ? meter(stream, told) : picture(stream, told);
      stage?.replaceChildren(shown.element);
      const looking = setInterval(() => shown.look(), LOOK_EVERY);
      await until(look, signal, (done) => track.addEventListener('ended', () => done()));
      clearInterval(looking);
      told.muted = track.muted;
    }
  } catch (error) {
    told.threw = thrown(error);
  } finally {
    end.abort();
    shown?.end();
    shown?.element.remove();
  }
  told.state = await permission(device);
  return { ...told, endedAfter: after() };
}

/** A WebTransport session until it is ready. */
export async function webTransport({ url, limit }, signal) {
  const after = stopwatch();
  const told = { how: 'silent' };
  let session;
  try {
    session = new WebTransport(url);
    // Without anybody who waits for it, a failure would be the page's unhandled rejection.
    session.closed.catch(() => {});
    await until(limit, signal, (done) => session.ready.then(() => {
      told.how = 'ready';
      done();
    }, (error) => {
      told.how = 'rejected';
      told.message = thrown(error).join(': ');
      done();
    }));
  } catch (error) {
    told.how = typeof WebTransport === 'function' ? 'rejected' : 'unsupported';
    told.message = thrown(error).join(': ');
  } finally {
    try {
      session?.close();
    } catch {
      // One that never was ready can't be closed in some browsers; it ends by itself.
    }
  }
  return { ...told, endedAfter: after() };
}

function connect(iceServers, relayOnly, signal) {
  const peer = new RTCPeerConnection({ iceServers, iceTransportPolicy: relayOnly ? 'relay' : 'all' });
  const close = () => {
    peer.onicecandidate = peer.onicecandidateerror = peer.onicegatheringstatechange = null;
    peer.oniceconnectionstatechange = peer.onconnectionstatechange = peer.ondatachannel = null;
    peer.close();
  };
  if (signal.aborted) close();
  else signal.addEventListener('abort', close);
  return peer;
}

/** Ends with what `done` is called with, at the limit in milliseconds, or when the signal aborts. */
function until(limit, signal, begin) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, limit);
    const done = (value) => {
      clearTimeout(timer);
      resolve(value);
    };
    signal.addEventListener('abort', () => done());
    if (signal.aborted) done();
    else begin(done);
  });
}

/** Aborts with the first of both: AbortSignal.any is younger than the browsers that this runs in. */
function either(one, other) {
  const both = new AbortController();
  for (const signal of [one, other]) {
    if (signal.aborted) both.abort();
    else signal.addEventListener('abort', () => both.abort());
  }
  return both.signal;
}

/** Follows the state. Chromium's iceConnectionState never says `failed`; connectionState does (measured). */
function watch(peer, told, after, changed) {
  const look = () => {
    told.state = peer.connectionState === 'failed' ? 'failed' : peer.iceConnectionState;
    if (/^(connected|completed)$/.test(told.state)) told.connectedAfter ??= after();
    changed();
  };
  peer.oniceconnectionstatechange = peer.onconnectionstatechange = look;
  look();
}

function exchange(from, to) {
  from.onicecandidate = ({ candidate }) => {
    if (candidate) to.addIceCandidate(candidate).catch(() => {});
  };
}

async function negotiate(near, far) {
  await near.setLocalDescription();
  await far.setRemoteDescription(near.localDescription);
  await far.setLocalDescription();
  await near.setRemoteDescription(far.localDescription);
}

/** Numbered messages there and back, at a pace that no channel has to queue. */
async function pings(seen, messages, limit, signal) {
  const { channel } = seen;
  const sent = [];
  let newest = -1;
  // What is on its way when the time is over is not lost.
  const wait = Math.max(LOSSY_WAIT, seen.openedAfter);
  await until(limit, signal, (done) => {
    let timer;
    const ended = () => {
      seen.whole = true;
      done();
    };
    channel.onmessage = ({ data }) => {
      const number = Number(data);
      seen.trips.push(Math.round((performance.now() - sent[number]) * 1000));
      seen.returned += 1;
      if (number < newest) seen.outOfOrder += 1;
      newest = Math.max(newest, number);
      if (seen.returned === messages) ended();
    };
    channel.onclose = () => done();
    const next = () => {
      if (channel.readyState !== 'open') return done();
      if (seen.sent === messages) return channel.ordered || setTimeout(ended, wait);
      sent.push(performance.now());
      channel.send(String(seen.sent++));
      timer = setTimeout(next, PING_EVERY);
    };
    signal.addEventListener('abort', () => clearTimeout(timer));
    next();
  });
  channel.onmessage = channel.onclose = null;
}

/** Kilobits a second, or undefined where it did not end. */
async function throughput(channel, bytes, limit, signal) {
  const after = stopwatch();
  const all = await until(limit, signal, (done) => {
    channel.onmessage = () => done(true);
    for (let sent = 0; sent < bytes; sent += CHUNK) channel.send(new Uint8Array(Math.min(CHUNK, bytes - sent)));
  });
  return all && Math.round((bytes * 8) / Math.max(after(), 1));
}

/** The two ends of the candidate pair that is in use. */
async function selectedPair(peer) {
  const stats = await peer.getStats().catch(() => new Map());
  const all = [...stats.values()];
  const chosen = all.find((one) => one.type === 'transport' && one.selectedCandidatePairId)?.selectedCandidatePairId;
  const pair = stats.get(chosen) ?? all.find((one) => one.type === 'candidate-pair' && (one.selected || one.nominated) && one.state === 'succeeded');
  const side = (id) => {
    const { candidateType, protocol, relayProtocol, address } = stats.get(id) ?? {};
    return { kind: candidateType, protocol, relayProtocol, address: address ?? undefined };
  };
  return pair ? [side(pair.localCandidateId), side(pair.remoteCandidateId)] : [];
}

/** The level of a microphone, and its loudest sound in decibels below full scale. */
function meter(stream, told) {
  const element = document.createElement('meter');
  element.className = 'level';
  element.setAttribute('aria-label', 'Loudness');
  const context = new AudioContext();
  context.resume().catch(() => {});
  const analyser = context.createAnalyser();
  try {
    context.createMediaStreamSource(stream).connect(analyser);
  } catch (error) {
    context.close();
    throw error;
  }
  const samples = new Float32Array(analyser.fftSize);
  let loudest = 0;
  return {
    element,
    look() {
      analyser.getFloatTimeDomainData(samples);
      const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      loudest = Math.max(loudest, peak);
      element.value = Math.sqrt(peak);
      if (context.state === 'running') told.listened = true;
    },
    end() {
      if (loudest > 0) told.loudest = Math.max(Math.round(-20 * Math.log10(loudest)), 0);
      context.close();
    },
  };
}

/** The picture of a camera, small and mirrored, and its size. */
function picture(stream, told) {
  const element = document.createElement('video');
  element.className = 'preview';
  element.muted = element.playsInline = element.autoplay = true;
  element.srcObject = stream;
  return {
    element,
    look() {
      [told.width, told.height] = [element.videoWidth, element.videoHeight];
    },
    end() {
      element.srcObject = null;
    },
  };
}

async function permission(name) {
  try {
    return (await navigator.permissions.query({ name })).state;
  } catch {
    return '';
  }
}

function stopwatch() {
  const since = performance.now();
  return () => Math.round(performance.now() - since);
}

function thrown(error) {
  return [String(error?.name ?? 'unknown'), String(error?.message ?? error)];
}
