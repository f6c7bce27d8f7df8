// What the packed types say, read by the compiler.

import { join } from "node:path";
import ts from "typescript";

/** The exported types of an entry of the package. */
export function publicTypes(root, name = "index") {
  const entry = join(root, `node_modules/hallpass/dist/${name}.d.ts`);
  const program = ts.createProgram([entry], { target: ts.ScriptTarget.ES2022, skipLibCheck: true, strict: true });
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(entry));
  const exported = new Map(checker.getExportsOfModule(module).map((symbol) => [symbol.name, symbol]));
  const typeOf = (name) => {
    const symbol = exported.get(name);
    if (symbol === undefined) throw new Error(`the package exports no ${name}`);
    return checker.getDeclaredTypeOfSymbol(symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);
  };
  return {
    /** The members of a union of strings. */
    literals: (name) => typeOf(name).types.map((type) => type.value),
    /** The values of `property` in a union of objects. */
    tags: (name, property) => typeOf(name).types.map((type) => checker.getTypeOfSymbol(type.getProperty(property)).value),
    /** Names of an interface's own properties, without those of what it extends. */
    fields: (name) => [...typeOf(name).symbol.members.values()].filter((member) => member.flags & ts.SymbolFlags.Property).map((member) => member.name),
  };
}
