/** Whether two JSON values say the same; the order of an object's members does not count. */
export function equalJson(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) || Array.isArray(other)) {
    if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return false;
    return one.every((item, index) => equalJson(item, other[index]));
  }
  const members = Object.entries(one);
  if (members.length !== Object.keys(other).length) return false;
  const others = other as Readonly<Record<string, unknown>>;
  return members.every(([key, value]) => Object.hasOwn(others, key) && equalJson(value, others[key]));
}
