package dev.kmemu.firmware;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;

/**
 * A guest program as a statically linked ELF64 executable with its symbols and line numbers.
 *
 * <p>It is linked at {@link #KERNBASE} + physical address: text from {@link #TEXT_PHYSICAL}, data,
 * bss and stacks from {@link #DATA_PHYSICAL}, at most 2 MiB each. The loader copies each segment to
 * its {@code p_paddr}. Text is never written, so its 2 MiB page may be read-only, and data never
 * executed. Immutable.
 */
public final class FirmwareImage {

  /** What the linker adds to a physical address to get the linear one. */
  public static final long KERNBASE = 0xFFFFFFFF80000000L;

  /** Physical address of the 2 MiB frame that holds code and constants. */
  public static final long TEXT_PHYSICAL = 0x200000L;

  /** Physical address of the 2 MiB frame that holds data, bss and stacks. */
  public static final long DATA_PHYSICAL = 0x400000L;

  /** The first physical address above the program: RAM from here on is the host's. */
  public static final long END_PHYSICAL = 0x600000L;

  private final String name;
  private final byte[] bytes;
  private final ElfSymbols elf;

  private FirmwareImage(String name, byte[] bytes) {
    this.name = name;
    this.bytes = bytes;
    this.elf = ElfSymbols.of(bytes);
  }

  /**
   * Returns the self-test: it checks the ranges of its {@link BootBlock}, of any kinds, and reports
   * through {@link FirmwarePorts}. Entered in long mode at CPL 0 with paging on, interrupts off and
   * RDI = KVA of the boot block; it brings its own stack, GDT, TSS and IDT.
   */
  public static FirmwareImage selfTest() {
    return load("selftest.elf");
  }

  /**
   * Returns the benchmark guest, entered as the self-test is with RSI = number of rounds. Each
   * round writes one word to every page of the boot block's first range, which must be {@link
   * BootBlock.Kind#PAGEABLE} and whole pages, then writes the round to {@link FirmwarePorts#ROUND}.
   * It uses neither a stack nor an IDT.
   */
  public static FirmwareImage faultLoop() {
    return load("faultloop.elf");
  }

  private static FirmwareImage load(String name) {
    try (InputStream in = FirmwareImage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(
            "firmware image " + name + " isn't on the class path (firmware/build.sh makes it)");
      }
      return new FirmwareImage(name, in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("firmware image " + name + " can't be read", e);
    }
  }

  /** Returns the file name of the image. */
  public String name() {
    return name;
  }

  /** Returns a copy of the ELF file. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** Writes the ELF file, for a debugger that wants symbols and line numbers from a file. */
  public void writeTo(Path file) throws IOException {
    Files.write(file, bytes);
  }

  /** Returns the linear address of the first instruction. */
  public long entry() {
    return elf.entry();
  }

  /**
   * Returns the linear address of a global label.
   *
   * @throws NoSuchElementException when the image has no such symbol
   */
  public long symbol(String symbol) {
    Long address = elf.globals().get(Objects.requireNonNull(symbol));
    if (address == null) {
      throw new NoSuchElementException(
          name + " has no global symbol " + symbol + " (nm " + name + " lists them)");
    }
    return address;
  }

  /** Returns every global label with its linear address. */
  public Map<String, Long> symbols() {
    return elf.globals();
  }

  /** Returns the constants that the assembly defines with {@code .equ}, by name. */
  Map<String, Long> constants() {
    return elf.constants();
  }

  @Override
  public String toString() {
    return name;
  }
}
