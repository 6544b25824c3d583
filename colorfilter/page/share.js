// The system's share sheet, where the browser has one.
() => {
  if (navigator.share) document.body.dataset.shares = "yes";

  // Who closes the sheet again has it reject.
  const onClick = ({ target }) => {
    const url = target.closest?.(".share-sheet")?.dataset.url;
    if (url) navigator.share({ title: document.title, url }).catch(() => undefined);
  };

  window.removeEventListener("click", window.colorFilterShare?.onClick);
  window.addEventListener("click", onClick);
  window.colorFilterShare = { onClick };
}
