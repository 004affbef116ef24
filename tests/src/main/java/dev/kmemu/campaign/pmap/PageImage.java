package dev.kmemu.campaign.pmap;

import dev.kmemu.campaign.guest.AccessType;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;

/**
 * What a page of the suite holds: two words of data, and code at its end that tells in RAX which
 * frame it was fetched from and goes back to the loop.
 */
final class PageImage {

  private static final long[] WORD_AT = {0, 0x7F8, 0x800, 0xF00};
  private static final long CODE_AT = 0xFC0;
  private static final long MOV_EAX = 0xB8;
  private static final long JMP_RBX = 0xE3FF;

  private PageImage() {}

  /** Writes the words of the model, and the code. */
  static void write(PhysicalMemory ram, ModelPage page) {
    for (int i = 0; i < ModelPage.WORDS; i++) {
      store(ram, page.frame + WORD_AT[i], page.words[i]);
    }
    writeCode(ram, page);
  }

  /** Writes the code alone. */
  static void writeCode(PhysicalMemory ram, ModelPage page) {
    store(ram, page.frame + CODE_AT, MOV_EAX | frameNumber(page) << 8 | JMP_RBX << 40);
  }

  /** Returns a word as it is in RAM. */
  static long word(PhysicalMemory ram, ModelPage page, int word) {
    return ram.load64(page.frame + WORD_AT[word]);
  }

  /** Returns which word is loaded and stored through an address: neighbours use others. */
  static int wordOf(int at) {
    return at % ModelPage.WORDS;
  }

  /** Returns the offset in the page that an access goes to. */
  static long offset(AccessType type, int at) {
    return type == AccessType.FETCH ? CODE_AT : WORD_AT[wordOf(at)];
  }

  /** Returns what the code leaves in RAX. */
  static long frameNumber(ModelPage page) {
    return page.frame >>> 12;
  }

  private static void store(PhysicalMemory ram, long at, long value) {
    ram.store64(new PhysicalAddress(at), value);
  }
}
