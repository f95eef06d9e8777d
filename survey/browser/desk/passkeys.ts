// Passkeys at the desk: a form with `data-passkey` says what to ask the browser for, and is sent with its answer.
// Pages work without this script, by password and app; it makes no request of its own.

type Sent = Record<string, unknown>;

const bytesOf = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));

const textOf = (bytes: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const listed = (list: unknown): Sent[] =>
  Array.isArray(list) ? list.map((one: Sent) => ({ ...one, id: bytesOf(String(one["id"])) })) : [];

/** Returns the server's options (WebAuthn Level 3, section 5.1) with bytes where the browser wants bytes. */
export function withBytes(options: Sent): Sent {
  const challenge = bytesOf(String(options["challenge"]));
  const user = options["user"] as Sent | undefined;
  if (!user) return { ...options, challenge, allowCredentials: listed(options["allowCredentials"]) };
  const named = { ...user, id: bytesOf(String(user["id"])) };
  return { ...options, challenge, user: named, excludeCredentials: listed(options["excludeCredentials"]) };
}

const PARTS = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"] as const;

/** Returns a credential as the server reads it (WebAuthn Level 3, section 5.1.8: toJSON). */
export function sent({ id, rawId, type, response }: PublicKeyCredential): string {
  const given = response as unknown as Record<(typeof PARTS)[number], ArrayBuffer | null | undefined>;
  const parts: Sent = {};
  for (const name of PARTS) {
    const bytes = given[name];
    if (bytes) parts[name] = textOf(bytes);
  }
  return JSON.stringify({ id, rawId: textOf(rawId), type, response: parts, clientExtensionResults: {} });
}

async function asked(form: HTMLFormElement): Promise<string> {
  const publicKey = withBytes(JSON.parse(form.dataset["options"] ?? "{}") as Sent);
  const credential = form.dataset["passkey"] === "create"
    ? await navigator.credentials.create({ publicKey: publicKey as unknown as PublicKeyCredentialCreationOptions })
    : await navigator.credentials.get({ publicKey: publicKey as unknown as PublicKeyCredentialRequestOptions });
  return sent(credential as PublicKeyCredential);
}

/** Lets the form ask for a passkey before it is sent; a person who changes their mind can press again. */
function begin(form: HTMLFormElement): void {
  const field = form.elements.namedItem("credential") as HTMLInputElement;
  const failed = form.querySelector<HTMLElement>("[data-failed]");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (failed) failed.hidden = true;
    asked(form).then(
      (credential) => {
        field.value = credential;
        form.submit();
      },
      () => {
        if (failed) failed.hidden = false;
      },
    );
  });
}

if ("PublicKeyCredential" in window) {
  for (const part of Array.from(document.querySelectorAll<HTMLElement>("[data-needs-passkeys]"))) part.hidden = false;
  for (const part of Array.from(document.querySelectorAll<HTMLElement>("[data-without-passkeys]"))) part.hidden = true;
  for (const form of Array.from(document.querySelectorAll<HTMLFormElement>("form[data-passkey]"))) begin(form);
}
