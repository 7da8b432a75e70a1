/** The roles a variable can have, in the order of their digit keys; colours from Okabe and Ito. */
export const ROLES = [
  { role: "treatment", letter: "T", key: "1", colour: "#0072b2", ink: "#ffffff", hint: "what is changed" },
  { role: "outcome", letter: "Y", key: "2", colour: "#d55e00", ink: "#111111", hint: "what may respond" },
  { role: "confounder", letter: "C", key: "3", colour: "#009e73", ink: "#111111", hint: "drives treatment and outcome" },
  { role: "instrument", letter: "I", key: "4", colour: "#e69f00", ink: "#111111", hint: "moves the treatment only" },
  { role: "mediator", letter: "M", key: "5", colour: "#cc79a7", ink: "#111111", hint: "on the way from treatment to outcome" },
  { role: "unobserved", letter: "U", key: "6", colour: "#8a9099", ink: "#111111", hint: "exists, but is not in the data" },
  { role: "selected", letter: "S", key: "7", colour: "#56b4e9", ink: "#111111", hint: "decides which rows are in the data" },
  { role: null, letter: "–", key: "0", colour: "transparent", ink: "inherit", hint: "takes the role away" },
];

const BY_NAME = new Map(ROLES.map((entry) => [entry.role, entry]));

/** The entry of a role; one that the canvas does not know looks like none, with its first letter. */
export function roleOf(role) {
  return BY_NAME.get(role) ?? { ...BY_NAME.get(null), role, letter: role.slice(0, 1).toUpperCase() };
}

/** The colours of a role, for the style sheet. */
export function roleColours(role) {
  const { colour, ink } = roleOf(role);
  return { "--role": colour, "--on-role": ink };
}

/** The role whose digit key this is; undefined where the key is no role's. */
export function roleOfKey(key) {
  return ROLES.find((entry) => entry.key === key)?.role;
}
