//! A chat that is released again: its shell, its scripts and its worker before and after a flip, with the headers that make a
//! browser keep them. All of it is rules of a front, so that what is kept is kept for what was really answered.

use crate::action::{Action, Answer, Body, Rule, When};

/// The shell: a page that has a script and little else, as a single-page application's build leaves it.
macro_rules! shell {
    ($script:literal) => {
        shell!($script, "")
    };
    ($script:literal, $more:literal) => {
        concat!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Lab chat</title>",
            "<meta name=\"viewport\" content=\"width=device-width\">",
            $more,
            "<script defer src=\"",
            $script,
            "\"></script></head><body><div id=\"root\"></div><noscript>You need to enable JavaScript to run this app.</noscript></body></html>\n",
        )
    };
}

/// The same as the tools of now build it: its script is a module. What more there is stands in its body.
macro_rules! module_shell {
    ($script:literal, $more:literal) => {
        concat!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Lab chat</title>",
            "<meta name=\"viewport\" content=\"width=device-width\">",
            "<script type=\"module\" crossorigin src=\"",
            $script,
            "\"></script></head><body><div id=\"root\"></div>",
            $more,
            "</body></html>\n",
        )
    };
}

/// The same with the doctor's element embedded in it, as the README has it.
macro_rules! shell_with_doctor {
    ($script:literal) => {
        module_shell!($script, "<script type=\"module\" src=\"/diagnostics/connection-doctor.js\"></script><connection-doctor></connection-doctor>")
    };
}

/// A page that the server writes anew for each who asks, around the same script.
macro_rules! counting_page {
    ($count:literal) => {
        concat!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>(",
            $count,
            ") Lab chat</title><script defer src=\"/assets/app-1a2b3c4d.js\"></script></head><body><div id=\"root\"></div><p>",
            $count,
            " have been here.</p></body></html>\n",
        )
    };
}

/// What a worker keeps, and that it answers with it. It lets alone what it does not keep, so the doctor's page and the socket pass.
macro_rules! keeper {
    ($cache:literal, $kept:literal) => {
        concat!(
            "const CACHE = '",
            $cache,
            "';\nconst KEPT = [",
            $kept,
            "];\n",
            "self.addEventListener('fetch', event => {\n",
            "  const { origin, pathname } = new URL(event.request.url);\n",
            "  if (event.request.method !== 'GET' || origin !== location.origin || !KEPT.includes(pathname)) return;\n",
            "  event.respondWith(caches.open(CACHE).then(cache => cache.match(event.request)).then(kept => kept ?? fetch(event.request)));\n",
            "});\n",
        )
    };
}

/// A worker as many an application has it: it keeps these when it is installed.
macro_rules! worker {
    ($cache:literal, $kept:literal) => {
        concat!(
            keeper!($cache, $kept),
            "self.addEventListener('install', event => event.waitUntil(caches.open(CACHE).then(cache => cache.addAll(KEPT))));\n",
            "self.addEventListener('activate', event => event.waitUntil(self.clients.claim()));\n",
        )
    };
}

/// A worker that renews itself: it waits for nobody, takes over every page that is open, and throws away what the one before it kept.
macro_rules! renewing_worker {
    ($cache:literal, $kept:literal) => {
        concat!(
            keeper!($cache, $kept),
            "self.addEventListener('install', event => {\n",
            "  self.skipWaiting();\n",
            "  event.waitUntil(caches.open(CACHE).then(cache => cache.addAll(KEPT)));\n",
            "});\n",
            "self.addEventListener('activate', event => event.waitUntil((async () => {\n",
            "  const old = (await caches.keys()).filter(name => name.startsWith('chat-') && name !== CACHE);\n",
            "  await Promise.all(old.map(name => caches.delete(name)));\n",
            "  await self.clients.claim();\n",
            "})()));\n",
        )
    };
}

/// A worker that is there for notifications alone: it answers no request.
const PUSHED: &str = concat!(
    "self.addEventListener('install', () => self.skipWaiting());\n",
    "self.addEventListener('activate', event => event.waitUntil(self.clients.claim()));\n",
    "self.addEventListener('push', event => event.waitUntil(self.registration.showNotification(event.data?.text() ?? 'Lab chat')));\n",
);

/// A script of the chat that registers its worker, and what it does once the worker is there.
macro_rules! registers {
    ($then:expr) => {
        concat!(
            "document.getElementById('root').textContent = 'Chat';\n",
            "const container = navigator.serviceWorker;\n",
            "window.labVisited = container.register('/sw.js').then(() => container.ready).then(async registration => {\n",
            "  if (!container.controller) await new Promise(resolve => container.addEventListener('controllerchange', resolve, { once: true }));\n",
            $then,
            "  return true;\n",
            "});\n",
        )
    };
}
/// It looks for a new worker when it is told to.
const REGISTERS: &str = registers!(concat!(
    "  window.labFlipped = async () => {\n",
    "    await registration.update();\n",
    "    const coming = registration.installing;\n",
    "    if (coming) await new Promise(resolve => coming.addEventListener('statechange', () => coming.state === 'installing' || resolve()));\n",
    "    return Boolean(registration.waiting);\n",
    "  };\n",
));
/// It leaves it to the browser to look for a new worker.
const REGISTERS_ALONE: &str = registers!("");
macro_rules! registers_nothing {
    () => {
        "document.getElementById('root').textContent = 'Chat';\nwindow.labVisited = Promise.resolve(true);\n"
    };
}
const PLAIN: &str = registers_nothing!();

const FIRST: &str = "/assets/app-1a2b3c4d.js";
const SECOND: &str = "/assets/app-5e6f7a8b.js";
const FIRST_SHELL: &str = shell!("/assets/app-1a2b3c4d.js");
const SECOND_SHELL: &str = shell!("/assets/app-5e6f7a8b.js");
const FIRST_TAG: &str = "\"1a2b3c4d\"";
const SECOND_TAG: &str = "\"5e6f7a8b\"";

const ASK_AGAIN: &str = "no-cache";
const AN_HOUR: &str = "max-age=3600";
const A_YEAR: &str = "public, max-age=31536000, immutable";
const NEVER_KEEP: &str = "no-store";

macro_rules! answer {
    ($type:literal, $control:expr, $tag:expr, $text:expr) => {
        Action::Respond(Answer { status: 200, headers: &[("Content-Type", $type), ("Cache-Control", $control), ("ETag", $tag)], body: Body::Text($text) })
    };
}
macro_rules! html {
    ($control:expr, $tag:expr, $text:expr) => {
        answer!("text/html; charset=utf-8", $control, $tag, $text)
    };
}
macro_rules! script {
    ($control:expr, $tag:expr, $text:expr) => {
        answer!("text/javascript; charset=utf-8", $control, $tag, $text)
    };
}

const GONE: Action = Action::Respond(Answer::plain(404, "Not Found\n"));
const WORKER: Rule = When::at("/sw.js").then(script!(ASK_AGAIN, "\"worker-1\"", worker!("chat-1", "'/', '/assets/app-1a2b3c4d.js'")));
const WORKER_OF_THE_SHELL: Rule = When::at("/sw.js").then(script!(ASK_AGAIN, "\"worker-1\"", worker!("chat-1", "'/'")));
const NEXT_WORKER: Rule = When::at("/sw.js").once_flipped().then(script!(ASK_AGAIN, "\"worker-2\"", worker!("chat-2", "'/', '/assets/app-1a2b3c4d.js'")));

const SHELL: Rule = When::at("/").then(html!(ASK_AGAIN, FIRST_TAG, FIRST_SHELL));
const NEXT_SHELL: Rule = When::at("/").once_flipped().then(html!(ASK_AGAIN, SECOND_TAG, SECOND_SHELL));
const KEPT_SHELL: Rule = When::at("/").then(html!(AN_HOUR, FIRST_TAG, FIRST_SHELL));
const NEXT_KEPT_SHELL: Rule = When::at("/").once_flipped().then(html!(AN_HOUR, SECOND_TAG, SECOND_SHELL));

const SCRIPT: Rule = When::at(FIRST).then(script!(A_YEAR, FIRST_TAG, PLAIN));
const NEXT_SCRIPT: Rule = When::at(SECOND).once_flipped().then(script!(A_YEAR, SECOND_TAG, PLAIN));
const SCRIPT_NOT_KEPT: Rule = When::at(FIRST).then(script!(NEVER_KEEP, FIRST_TAG, PLAIN));
const SCRIPT_WITH_WORKER: Rule = When::at(FIRST).then(script!(ASK_AGAIN, FIRST_TAG, REGISTERS));
const NEXT_SCRIPT_WITH_WORKER: Rule = When::at(SECOND).once_flipped().then(script!(ASK_AGAIN, SECOND_TAG, REGISTERS));
const SCRIPT_GONE: Rule = When::at(FIRST).once_flipped().then(GONE);

/// A worker that keeps the release of now.
pub(crate) const WITH_WORKER: &[Rule] = &[SHELL, SCRIPT_WITH_WORKER, WORKER];
/// A flip changes the worker alone.
pub(crate) const WITH_NEXT_WORKER: &[Rule] = &[SHELL, SCRIPT_WITH_WORKER, NEXT_WORKER, WORKER];
/// A flip is a new release, and the worker is the same file as before.
pub(crate) const WITH_OLD_WORKER: &[Rule] = &[NEXT_SHELL, SHELL, NEXT_SCRIPT_WITH_WORKER, SCRIPT_WITH_WORKER, WORKER];
/// The same, the worker keeps the shell alone, and the old script is gone with its release.
pub(crate) const WITH_OLD_WORKER_OF_THE_SHELL: &[Rule] = &[NEXT_SHELL, SHELL, NEXT_SCRIPT_WITH_WORKER, SCRIPT_GONE, SCRIPT_WITH_WORKER, WORKER_OF_THE_SHELL];
/// The shell is asked for again each time, its scripts are kept for a year.
pub(crate) const HASHED: &[Rule] = &[SHELL, SCRIPT];
/// The same; a flip is a new release, and the old script is gone with its release.
pub(crate) const HASHED_AND_RELEASED: &[Rule] = &[NEXT_SHELL, SHELL, NEXT_SCRIPT, SCRIPT_GONE, SCRIPT];
/// The shell is kept for an hour; a flip is a new release.
pub(crate) const KEPT: &[Rule] = &[NEXT_KEPT_SHELL, KEPT_SHELL, NEXT_SCRIPT, SCRIPT];
/// The same, and the old script, which nobody keeps, is gone with its release.
pub(crate) const KEPT_SCRIPT_GONE: &[Rule] = &[NEXT_KEPT_SHELL, KEPT_SHELL, NEXT_SCRIPT, SCRIPT_GONE, SCRIPT_NOT_KEPT];
/// The shell of now names a script that the site answers with the shell.
pub(crate) const SCRIPT_IS_SHELL: &[Rule] = &[SHELL, When::at(FIRST).then(html!(ASK_AGAIN, FIRST_TAG, FIRST_SHELL))];

/// Its name is the same in each release.
const UNHASHED: &str = "/assets/app.js";
const SHELL_UNHASHED: Rule = When::at("/").then(html!(ASK_AGAIN, FIRST_TAG, shell!("/assets/app.js")));
/// The shell is asked for again each time and stays the same, its script is kept for an hour; a flip is a new release of the script.
pub(crate) const SCRIPT_KEPT: &[Rule] = &[
    SHELL_UNHASHED,
    When::at(UNHASHED).once_flipped().then(script!(AN_HOUR, SECOND_TAG, concat!(registers_nothing!(), "window.labRelease = 2;\n"))),
    When::at(UNHASHED).then(script!(AN_HOUR, FIRST_TAG, registers_nothing!())),
];
/// The same, and the script is written anew for each who asks.
pub(crate) const SCRIPT_WRITTEN_ANEW: &[Rule] =
    &[SHELL_UNHASHED, When::at(UNHASHED).then(script!(AN_HOUR, FIRST_TAG, concat!(registers_nothing!(), "window.labNonce = '{nonce}';\n")))];

/// No two answers are the same, and each may be kept for a minute.
pub(crate) const DYNAMIC: &[Rule] = &[
    When::at("/").then(Action::Respond(Answer {
        status: 200,
        headers: &[("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "max-age=60")],
        body: Body::Text(shell!("/assets/app-1a2b3c4d.js", "<meta name=\"csp-nonce\" content=\"{nonce}\"><meta name=\"rendered-at\" content=\"{nonce}\">")),
    })),
    SCRIPT,
];

/// The chat's page under a policy in its header.
macro_rules! under_policy {
    ($policy:literal) => {
        &[
            When::at("/").then(Action::Respond(Answer {
                status: 200,
                headers: &[("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", ASK_AGAIN), ("Content-Security-Policy", $policy)],
                body: Body::Text(FIRST_SHELL),
            })),
            SCRIPT,
        ]
    };
}
pub(crate) const UNDER_RIGHT_POLICY: &[Rule] = under_policy!(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
);
pub(crate) const UNDER_WRONG_POLICY: &[Rule] = under_policy!("default-src 'self'; connect-src https://api.example");
pub(crate) const UNDER_WRONG_META: &[Rule] = &[
    When::at("/").then(html!(
        ASK_AGAIN,
        FIRST_TAG,
        shell!("/assets/app-1a2b3c4d.js", "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'self'; connect-src https://api.example\">")
    )),
    SCRIPT,
];

/// Its policy turns all its addresses into https.
pub(crate) const UNDER_LIFTING_POLICY: &[Rule] = under_policy!("upgrade-insecure-requests; default-src 'self'");

const EMBEDDED_SHELL: Rule = When::at("/").then(html!(ASK_AGAIN, FIRST_TAG, shell_with_doctor!("/assets/app-1a2b3c4d.js")));
const NEXT_EMBEDDED_SHELL: Rule = When::at("/").once_flipped().then(html!(ASK_AGAIN, SECOND_TAG, shell_with_doctor!("/assets/app-5e6f7a8b.js")));
/// The doctor's element is in the chat's own page.
pub(crate) const EMBEDDED: &[Rule] = &[EMBEDDED_SHELL, SCRIPT];
/// The same, and the script is asked about each time; a flip is a new release, and the old script is gone with its release.
pub(crate) const EMBEDDED_AND_RELEASED: &[Rule] = &[NEXT_EMBEDDED_SHELL, EMBEDDED_SHELL, NEXT_SCRIPT, SCRIPT_GONE, SCRIPT];

/// The shell is kept for an hour, and the worker answers no request; a flip is a new release.
pub(crate) const KEPT_WITH_PUSH_WORKER: &[Rule] =
    &[NEXT_KEPT_SHELL, KEPT_SHELL, NEXT_SCRIPT_WITH_WORKER, SCRIPT_WITH_WORKER, When::at("/sw.js").then(script!(ASK_AGAIN, "\"worker-1\"", PUSHED))];
/// A flip is a new release with a worker of its own, which renews itself; the old script is gone with its release.
pub(crate) const WITH_RENEWING_WORKER: &[Rule] = &[
    NEXT_SHELL,
    SHELL,
    When::at(SECOND).once_flipped().then(script!(A_YEAR, SECOND_TAG, REGISTERS_ALONE)),
    SCRIPT_GONE,
    When::at(FIRST).then(script!(A_YEAR, FIRST_TAG, REGISTERS_ALONE)),
    When::at("/sw.js").once_flipped().then(script!(ASK_AGAIN, "\"worker-2\"", renewing_worker!("chat-2", "'/', '/assets/app-5e6f7a8b.js'"))),
    When::at("/sw.js").then(script!(ASK_AGAIN, "\"worker-1\"", renewing_worker!("chat-1", "'/', '/assets/app-1a2b3c4d.js'"))),
];
/// The shell of now names a module that the site serves as a text.
pub(crate) const MODULE_MISTYPED: &[Rule] = &[
    When::at("/").then(html!(ASK_AGAIN, FIRST_TAG, module_shell!("/assets/app-1a2b3c4d.js", ""))),
    When::at(FIRST).then(answer!("text/plain", ASK_AGAIN, FIRST_TAG, PLAIN)),
];

/// A page that is this person's own, kept for five minutes.
const PRIVATELY_KEPT: &str = "private, max-age=300";
/// The server counts whom it gives the page.
pub(crate) const COUNTING: &[Rule] = &[When::at("/").then(html!(PRIVATELY_KEPT, "\"text-of-{count}\"", counting_page!("{count}"))), SCRIPT];
/// The count grows with a flip, and is the same for all who ask between.
pub(crate) const COUNTED_SINCE: &[Rule] = &[
    When::at("/").once_flipped().then(html!(PRIVATELY_KEPT, "\"text-of-3\"", counting_page!("3"))),
    When::at("/").then(html!(PRIVATELY_KEPT, "\"text-of-2\"", counting_page!("2"))),
    SCRIPT,
];

/// The chat's page, for those who have signed in.
macro_rules! for_members {
    ($tag:expr, $shell:expr) => {
        Action::Respond(Answer {
            status: 200,
            headers: &[("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "private, max-age=600"), ("Vary", "Cookie"), ("ETag", $tag)],
            body: Body::Text($shell),
        })
    };
}
/// One address, two pages: the sign-in form, and for those who have signed in the chat, which is kept for ten minutes. A flip is a
/// new release.
pub(crate) const KEPT_FOR_MEMBERS: &[Rule] = &[
    When::at("/sign-in").then(Action::Respond(Answer {
        status: 302,
        headers: &[("Location", "/"), ("Cache-Control", NEVER_KEEP), ("Set-Cookie", "session=lab; Path=/; Max-Age=600; HttpOnly; SameSite=Lax")],
        body: Body::Text(""),
    })),
    When::at("/").cookie("session=").once_flipped().then(for_members!(SECOND_TAG, SECOND_SHELL)),
    When::at("/").cookie("session=").then(for_members!(FIRST_TAG, FIRST_SHELL)),
    When::at("/").then(Action::Respond(Answer {
        status: 200,
        headers: &[("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", NEVER_KEEP), ("Vary", "Cookie")],
        body: Body::Text(
            "<!doctype html><html lang=\"en\"><title>Sign in</title><form method=\"post\" action=\"/sign-in\"><input name=\"user\"><input name=\"password\" type=\"password\"><button>Sign in</button></form></html>\n",
        ),
    })),
    NEXT_SCRIPT,
    SCRIPT,
];

/// The page that whoever signs in comes to, with these headers besides.
macro_rules! signing_in {
    ($path:literal, $($header:expr),+) => {
        When::at($path).then(Action::Respond(Answer {
            status: 200,
            headers: &[("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", NEVER_KEEP), $($header),+],
            body: Body::Text("<!doctype html><html lang=\"en\"><title>Signed in</title><script>window.labVisited = Promise.resolve(true);</script></html>\n"),
        }))
    };
}

/// Who is signed in, asked by the cookie `session`.
const USER: Rule = When::at("/api/user").cookie("session=").then(Action::Respond(Answer::json(200, r#"{"name":"lab"}"#)));
pub(crate) const NO_USER: Rule = When::at("/api/user").then(Action::Respond(Answer::json(401, r#"{"detail":"Not authenticated"}"#)));
/// The chat knows people by a cookie that it sets at `/sign-in`, for pages of every site.
pub(crate) const KNOWN_BY_COOKIE: &[Rule] =
    &[signing_in!("/sign-in", ("Set-Cookie", "session=lab; Path=/; Max-Age=300; Secure; HttpOnly; SameSite=None")), USER, NO_USER];
/// The chat knows people by a cookie that came with the page in the frame.
pub(crate) const KNOWN: &[Rule] = &[USER, NO_USER];

/// A cookie that no page can read, of the size that the placeholder has, for the socket's path.
macro_rules! large_cookie {
    ($name:literal) => {
        ("Set-Cookie", concat!($name, "={filler}; Path=/socket.io; Max-Age=300; HttpOnly"))
    };
}
/// Signing in leaves twelve of them.
pub(crate) const LARGE_COOKIES: &[Rule] = &[signing_in!(
    "/sign-in",
    large_cookie!("part0"),
    large_cookie!("part1"),
    large_cookie!("part2"),
    large_cookie!("part3"),
    large_cookie!("part4"),
    large_cookie!("part5"),
    large_cookie!("part6"),
    large_cookie!("part7"),
    large_cookie!("part8"),
    large_cookie!("part9"),
    large_cookie!("part10"),
    large_cookie!("part11")
)];
