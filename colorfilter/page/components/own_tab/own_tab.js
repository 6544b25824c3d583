// In a frame of another site a browser may withhold what the page needs: cookies, or the camera.
const isWithheld = ({ cookie, camera }) =>
  (cookie && !document.cookie.split("; ").some((one) => one.startsWith(`${cookie}=`)))
  || (camera && document.featurePolicy?.allowsFeature("camera") === false); // Chromium's alone; others ask and are refused

export default ({ data, parentElement }) => {
  const line = parentElement.querySelector(".own-tab");
  line.querySelector("span").textContent = data.sentence;
  const link = line.querySelector("a");
  link.href = location.href;
  link.onpointerdown = link.onfocus = () => (link.href = location.href); // with what was chosen since
  line.hidden = window.top === window || !isWithheld(data);
};
