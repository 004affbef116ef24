package dev.kmemu.campaign.guest;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import java.util.HexFormat;

/**
 * The guest's own code and queue: in the RAM below the kernel VM, seen by both rings through a slot
 * of the root table that no pmap uses, so that the code runs in every address space whatever the
 * pmap under test does.
 *
 * <p>The code takes accesses from the queue, one after the other, until RCX is 0.
 */
public final class GuestWindow {

  /** What the window shows of RAM, from 0 on: all that lies below the kernel VM. */
  public static final long BYTES = 2L << 20;

  /** The most accesses of one run. */
  public static final int CAPACITY = 256;

  /** Bytes of an item: address, code, what to store, what came. */
  static final int ITEM = 32;

  private static final int SLOT = 300;
  private static final long BASE = ((long) SLOT << 39) << 16 >> 16;
  private static final long DIRECTORY_POINTERS = 0x10000;
  private static final long DIRECTORY = 0x11000;
  private static final long CODE = 0x20000;
  private static final long PROGRESS_AT = 0x21000;
  private static final long QUEUE_AT = 0x22000;

  /** P, R/W, U/S, A, D. */
  private static final long OPEN = 0x67;

  private static final long LARGE = 0x80;

  private static final String LOOP =
      """
      498938              mov [r8], rdi
      488b37              mov rsi, [rdi]
      488b5708            mov rdx, [rdi+8]
      488b4710            mov rax, [rdi+16]
      ffe2                jmp rdx
      """;
  private static final String LOAD_CODE = "488b06 eb2b"; // mov rax, [rsi]; jmp DONE
  private static final String STORE_CODE = "488906 eb1b"; // mov [rsi], rax; jmp DONE
  private static final String FETCH_CODE = "ffe6"; // jmp rsi
  private static final String DONE_CODE = "48894718"; // mov [rdi+24], rax
  private static final String NEXT_CODE = "4883c720 48ffc9 75a7 0f0b"; // add, dec, jnz LOOP, ud2

  static final long START = BASE + CODE;
  static final long LOAD = START + 0x20;
  static final long STORE = LOAD + 0x10;
  static final long FETCH = STORE + 0x10;
  static final long DONE = LOAD + 0x30;
  static final long NEXT = DONE + 4;
  static final long PROGRESS = BASE + PROGRESS_AT;
  static final long QUEUE = BASE + QUEUE_AT;

  private final PhysicalMemory ram;

  GuestWindow(PhysicalMemory ram) {
    this.ram = ram;
    put(DIRECTORY_POINTERS, DIRECTORY | OPEN);
    put(DIRECTORY, OPEN | LARGE);
    code(START, LOOP.replaceAll("(?m) .*$", ""));
    code(LOAD, LOAD_CODE);
    code(STORE, STORE_CODE);
    code(FETCH, FETCH_CODE);
    code(DONE, DONE_CODE);
    // jnz back to the start
    code(NEXT, NEXT_CODE.replace("75a7", String.format("75%02x", (START - NEXT - 9) & 0xFF)));
  }

  /** Shows the window in an address space. */
  public void open(long root) {
    put(root + SLOT * 8L, DIRECTORY_POINTERS | OPEN);
  }

  /** Takes it out of one, which ends. */
  public void shut(long root) {
    put(root + SLOT * 8L, 0);
  }

  void queue(int number, long address, long routine, long value) {
    long at = QUEUE_AT + (long) number * ITEM;
    put(at, address);
    put(at + 8, routine);
    put(at + 16, value);
    put(at + 24, 0);
  }

  long result(int number) {
    return ram.load64(QUEUE_AT + (long) number * ITEM + 24);
  }

  /** Returns the number of the access that is being made. */
  int progress() {
    return (int) ((ram.load64(PROGRESS_AT) - QUEUE) / ITEM);
  }

  private void code(long at, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
    ram.write(new PhysicalAddress(at - BASE), bytes, 0, bytes.length);
  }

  private void put(long at, long value) {
    ram.store64(new PhysicalAddress(at), value);
  }
}
