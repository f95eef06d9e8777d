// What a page says where it cannot go on, or where one of its scripts was lost on the way. ES5, since check.ts uses it.

/**
 * No cookie, no referrer, no cache entry; a redirect is not followed but comes as a reply of its own kind
 * ("opaqueredirect"), since networks that ask for a sign-in send one.
 */
export var ANONYMOUS = {
  cache: "no-store", credentials: "omit", redirect: "manual", referrerPolicy: "no-referrer",
} as const satisfies RequestInit;

/**
 * Returns whether a network's own page came in place of a reply. Networks that ask for a sign-in or block an address
 * answer with a redirect or a page; under 5xx but 511 (RFC 6585) it is the host's front that says, in the same form,
 * that it does not get through.
 */
export function isPortalText(type: string, status: number, text: string): boolean {
  return type === "opaqueredirect" || ((status < 500 || status === 511) && /^\s*</.test(text));
}

/** Shows of the page's notes those of this name, in all languages, and hides the others. */
export function showNotes(name: string): void {
  var notes = document.querySelectorAll<HTMLElement>("[data-note]");
  for (var i = 0; i < notes.length; i++) notes[i]!.hidden = notes[i]!.getAttribute("data-note") !== name;
}

export function offerLanguages(offered: boolean): void {
  var languages = document.getElementById("languages");
  if (languages) languages.hidden = !offered;
}

/** Refuses to go on, with the notes of this name. */
export function refuse(name: string): void {
  document.documentElement.setAttribute("data-refused", name);
  offerLanguages(false);
  showNotes(name);
}

/** Refuses for want of a script, which is asked for once more: a network that sends its own page in its place is named. */
export function refuseLost(script: HTMLScriptElement): void {
  refuse("offline");
  fetch(script.src, ANONYMOUS).then(function (reply) {
    return reply.text().then(function (text) {
      if (isPortalText(reply.type, reply.status, text)) refuse("portal");
    });
  }).catch(function () { /* No reply at all is what the note says already. */ });
}

/** Loads the page anew, with the link as it stands in the address, where a note's button is pressed. */
export function listenForAgain(): void {
  document.addEventListener("click", function (event) {
    var pressed = event.target as Element | null;
    if (pressed && pressed.getAttribute("data-press") === "again") location.reload();
  });
}

/**
 * Returns whether a page may go on: check.ts ran and refused nothing. Where it was lost, nobody has looked whether this
 * browser can seal and whose window it is, so the page refuses, with the words for a page that came in part.
 */
export function mayGoOn(): boolean {
  var root = document.documentElement;
  if (!root.hasAttribute("data-refused") && !root.hasAttribute("data-checked")) {
    listenForAgain();
    refuse("offline");
  }
  return !root.hasAttribute("data-refused");
}
