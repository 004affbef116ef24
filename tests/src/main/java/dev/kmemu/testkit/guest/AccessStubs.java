package dev.kmemu.testkit.guest;

import static dev.kmemu.testkit.assembler.Mem.ptr;

import dev.kmemu.emulator.mmu.AccessKind;
import dev.kmemu.testkit.assembler.Assembler;
import dev.kmemu.testkit.assembler.GeneralRegister;
import dev.kmemu.testkit.assembler.Label;
import dev.kmemu.testkit.assembler.Program;
import dev.kmemu.testkit.assembler.R16;
import dev.kmemu.testkit.assembler.R32;
import dev.kmemu.testkit.assembler.R64;
import dev.kmemu.testkit.assembler.R8;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** The instructions that accesses are made with: the address is in RSI, the value in RAX. */
final class AccessStubs {

  private static final Map<AccessKind, Map<Integer, Integer>> OFFSETS =
      new EnumMap<>(AccessKind.class);
  private static final Program PROGRAM = assemble();

  private AccessStubs() {}

  /** Returns the code. */
  static byte[] code() {
    return PROGRAM.bytes();
  }

  /**
   * Returns how far from the first byte an access is made.
   *
   * @param bytes 1, 2, 4 or 8
   */
  static int offset(AccessKind kind, int bytes) {
    Integer offset = OFFSETS.getOrDefault(kind, Map.of()).get(bytes);
    if (offset == null) {
      throw new IllegalArgumentException("an access has 1, 2, 4 or 8 bytes, not " + bytes);
    }
    return offset;
  }

  private static Program assemble() {
    Assembler code = new Assembler();
    Map<AccessKind, Map<Integer, Label>> labels = new EnumMap<>(AccessKind.class);
    for (GeneralRegister register : new GeneralRegister[] {R8.AL, R16.AX, R32.EAX, R64.RAX}) {
      int bytes = register.size().bytes();
      code.bind(label(code, labels, AccessKind.READ, bytes)).mov(register, ptr(R64.RSI)).hlt();
      code.bind(label(code, labels, AccessKind.WRITE, bytes)).mov(ptr(R64.RSI), register).hlt();
    }
    code.bind(label(code, labels, AccessKind.FETCH, 1)).jmp(R64.RSI);
    Program program = code.assemble();
    labels.forEach(
        (kind, sizes) ->
            sizes.forEach(
                (bytes, label) ->
                    OFFSETS
                        .computeIfAbsent(kind, k -> new HashMap<>())
                        .put(bytes, program.offset(label))));
    return program;
  }

  private static Label label(
      Assembler code, Map<AccessKind, Map<Integer, Label>> labels, AccessKind kind, int bytes) {
    Label label = code.label(kind.name().toLowerCase(Locale.ROOT) + bytes);
    labels.computeIfAbsent(kind, k -> new HashMap<>()).put(bytes, label);
    return label;
  }
}
