// One attempt to hand a report over, after the person's click. src/sending.rs says what follows from the answer, and whether there is another.

/** A page that is being closed still sends this much (WHATWG Fetch, keepalive); more of it browsers refuse. */
const KEPT_ALIVE = 60_000;
const ANSWER_LIMIT = 16 * 1024;

/**
 * `{url, body, limit}` -> `{status, retryAfter, body}`; `status` 0 where no answer came within `limit` milliseconds, and then
 * `forbidden` where the page's own Content-Security-Policy stopped it.
 */
export async function post({ url, body, limit }) {
  const target = new URL(url, location.origin);
  const bytes = new TextEncoder().encode(body);
  const abort = new AbortController();
  const deadline = setTimeout(() => abort.abort(), limit);
  let forbidden = false;
  const note = ({ effectiveDirective, blockedURI, disposition }) => {
    forbidden ||= effectiveDirective === 'connect-src' && disposition === 'enforce' && blockedURI.startsWith(target.origin);
  };
  document.addEventListener('securitypolicyviolation', note);
  try {
    const response = await fetch(target, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: bytes,
      mode: 'cors',
      credentials: 'omit',
      redirect: 'error',
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
      keepalive: bytes.length < KEPT_ALIVE,
      signal: abort.signal,
    });
    // The answer counts, even where its body breaks off.
    return { status: response.status, retryAfter: response.headers.get('retry-after'), body: await start(response).catch(() => '') };
  } catch {
    // The event may come after the failure that it explains.
    await new Promise((resolve) => setTimeout(resolve, 50));
    return { status: 0, forbidden };
  } finally {
    clearTimeout(deadline);
    document.removeEventListener('securitypolicyviolation', note);
  }
}

async function start(response) {
  const reader = response.body?.getReader();
  if (!reader) return '';
  const decoder = new TextDecoder();
  let text = '';
  for (let length = 0; length < ANSWER_LIMIT;) {
    const { done, value } = await reader.read();
    if (done) return text;
    length += value.length;
    text += decoder.decode(value, { stream: true });
  }
  reader.cancel().catch(() => {});
  return text;
}
