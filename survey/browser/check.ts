// Runs first and in any browser (ES5): where answers cannot be sealed it says so, in words that the page holds hidden.
(function () {
  var root = document.documentElement;

  function show(name: string) {
    var notes = document.querySelectorAll("[data-note]");
    for (var i = 0; i < notes.length; i++) {
      if (notes[i]!.getAttribute("data-note") === name) notes[i]!.removeAttribute("hidden");
    }
  }

  function refuse(name: string) {
    root.setAttribute("data-refused", name);
    var languages = document.getElementById("languages");
    if (languages) languages.setAttribute("hidden", "");
    show(name);
  }

  function canSeal() {
    var w = window as unknown as { [name: string]: unknown };
    var subtle = w.crypto && (w.crypto as Crypto).subtle;
    return !!(subtle && w.BigInt && w.fetch && w.Promise && w.Uint8Array && w.TextEncoder && w.AbortController);
  }

  // A script that did not come is the connection's fault; one that cannot be read is an old browser.
  function failed(event: Event) {
    if (root.hasAttribute("data-ready") || root.hasAttribute("data-refused")) return;
    var source = event.target as Element | null;
    refuse(source && source.nodeName === "SCRIPT" ? "offline" : "unsupported");
  }

  if (!canSeal()) refuse("unsupported");
  else {
    // The companies behind these apps can see what is opened inside them.
    if (/MicroMessenger|AlipayClient|\bQQ\//.test(navigator.userAgent)) show("inapp");
    window.addEventListener("error", failed, true);
  }
})();
