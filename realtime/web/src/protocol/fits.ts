/** The part of JSON Schema that the protocol uses. */
export interface Node {
  $ref?: string;
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Node[];
  items?: Node;
  minItems?: number;
  maxItems?: number;
  properties?: Record<string, Node>;
  required?: string[];
}

/** What is wrong with `value`, or null when it has the shape that `node` asks for. */
export function fits(value: unknown, node: Node, definitions: Record<string, Node>): string | null {
  if (node.$ref !== undefined) {
    const target = definitions[node.$ref.slice("#/$defs/".length)];
    return target === undefined ? `no definition ${node.$ref}` : fits(value, target, definitions);
  }
  if (node.anyOf !== undefined) {
    const misfits = node.anyOf.map((one) => fits(value, one, definitions));
    return misfits.includes(null) ? null : (misfits[0] ?? "fits nothing");
  }
  if (node.const !== undefined && value !== node.const) return `${show(value)} is not ${show(node.const)}`;
  if (node.enum !== undefined && !node.enum.includes(value)) return `${show(value)} is not expected`;
  if (node.type !== undefined && !hasType(value, node.type)) return `${show(value)} is no ${node.type}`;
  if (Array.isArray(value)) return fitsArray(value, node, definitions);
  if (node.properties !== undefined) return fitsObject(value as object, node, definitions);
  return null;
}

function fitsArray(value: unknown[], node: Node, definitions: Record<string, Node>): string | null {
  if (value.length < (node.minItems ?? 0) || value.length > (node.maxItems ?? Infinity)) {
    return `${value.length} items`;
  }
  if (node.items === undefined) return null;
  for (const [index, item] of value.entries()) {
    const misfit = fits(item, node.items, definitions);
    if (misfit !== null) return `[${index}] ${misfit}`;
  }
  return null;
}

function fitsObject(value: object, node: Node, definitions: Record<string, Node>): string | null {
  const fields = value as Record<string, unknown>;
  for (const [name, property] of Object.entries(node.properties ?? {})) {
    if (fields[name] === undefined) {
      if (node.required?.includes(name)) return `${name} is missing`;
      continue;
    }
    const misfit = fits(fields[name], property, definitions);
    if (misfit !== null) return `${name}: ${misfit}`;
  }
  return null;
}

function hasType(value: unknown, type: string): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "integer":
      return Number.isInteger(value);
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? "undefined").slice(0, 40);
}
