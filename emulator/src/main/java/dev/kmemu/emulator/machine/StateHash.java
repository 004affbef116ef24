package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.CpuFields;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.snapshot.Snapshotable;
import dev.kmemu.emulator.snapshot.StateWriter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.SortedMap;

/** The hash of a machine's state in its canonical form. */
final class StateHash {

  private final MessageDigest digest;

  private StateHash() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  static String of(
      PhysicalMemory ram, CpuFields cpu, SortedMap<String, Snapshotable.Captured> parts) {
    StateHash hash = new StateHash();
    hash.ram(ram);
    cpu.fields().forEach(hash::field);
    parts.forEach(
        (name, part) -> {
          StateWriter out = new StateWriter();
          part.write(out);
          hash.field(name, out.toBytes());
        });
    return HexFormat.of().formatHex(hash.digest.digest());
  }

  private void ram(PhysicalMemory ram) {
    number(ram.size());
    byte[] contents = new byte[VirtualAddress.PAGE_SIZE];
    BitSet pages = ram.imaging().occupied();
    for (int page = pages.nextSetBit(0); page >= 0; page = pages.nextSetBit(page + 1)) {
      long at = (long) page << VirtualAddress.PAGE_SHIFT;
      if (!ram.isZero(at, contents.length)) {
        ram.read(new PhysicalAddress(at), contents, 0, contents.length);
        number(page);
        digest.update(contents);
      }
    }
    number(-1);
  }

  private void field(String name, byte[] value) {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    number(text.length);
    digest.update(text);
    number(value.length);
    digest.update(value);
  }

  private void number(long value) {
    for (int i = 0; i < Long.BYTES; i++) {
      digest.update((byte) (value >>> (8 * i)));
    }
  }
}
