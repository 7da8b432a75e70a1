/** The roles a variable can have, in the order of their digit keys; colours from Okabe and Ito. */
export const ROLES = [
  { role: "treatment", letter: "T", key: "1", hint: "what is changed" },
  { role: "outcome", letter: "Y", key: "2", hint: "what may respond" },
  { role: "confounder", letter: "C", key: "3", hint: "drives treatment and outcome" },
  { role: "instrument", letter: "I", key: "4", hint: "moves the treatment only" },
  { role: "mediator", letter: "M", key: "5", hint: "on the way from treatment to outcome" },
  { role: "unobserved", letter: "U", key: "6", hint: "exists, but is not in the data" },
  { role: "selected", letter: "S", key: "7", hint: "decides which rows are in the data" },
  { role: null, letter: "–", key: "0", hint: "no role" },
];

const LETTERS = new Map(ROLES.map(({ role, letter }) => [role, letter]));

/** The letter shown on a card of this role; an unknown role shows its first letter. */
export function letterOf(role) {
  return role === null ? "" : (LETTERS.get(role) ?? role.slice(0, 1).toUpperCase());
}

/** The role whose digit key this is; undefined where the key is no role's. */
export function roleOfKey(key) {
  return ROLES.find((entry) => entry.key === key)?.role;
}
