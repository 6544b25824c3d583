// Safari converts HEIC to a kind that the file input accepts, but not where it accepts HEIC. The uploader does, so that a
// HEIC file which comes another way gets our sentence; so the input is told otherwise just before its chooser opens.
export default ({ data }) => {
  const mounted = register("fileChooser", {});
  const onClick = ({ target }) => {
    if (target.matches?.(".st-key-file input[type=file]")) target.accept = data.accept;
  };
  document.addEventListener("click", onClick, { capture: true, signal: mounted.signal });
  return () => mounted.abort();
};
