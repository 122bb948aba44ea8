import { BlockList, isIP } from "node:net";

/** A range of IP addresses in CIDR notation; a lone address is a range of one. */
export interface AddressRange {
  readonly family: "ipv4" | "ipv6";
  readonly address: string;
  /** Length of the prefix in bits; null where none was written. */
  readonly prefix: number | null;
}

/** Null for what is no range: a keyword, or a host's name. `wrong` for an address with an impossible prefix. */
export function parseRange(text: string): AddressRange | "wrong" | null {
  const [address = "", prefix, ...more] = text.split("/");
  const version = isIP(address);
  if (version === 0) return null;
  const bits = version === 4 ? 32 : 128;
  const family = version === 4 ? "ipv4" : "ipv6";
  if (prefix === undefined) return { family, address, prefix: null };
  if (more.length > 0 || !/^\d{1,3}$/.test(prefix) || Number(prefix) > bits) return "wrong";
  return { family, address, prefix: Number(prefix) };
}

/** Whether every address of `inner` is in `outer`. */
export function covers(outer: AddressRange, inner: AddressRange): boolean {
  const bits = outer.family === "ipv4" ? 32 : 128;
  if (outer.family !== inner.family || (inner.prefix ?? bits) < (outer.prefix ?? bits)) return false;
  const block = new BlockList();
  block.addSubnet(outer.address, outer.prefix ?? bits, outer.family);
  return block.check(inner.address, inner.family);
}
