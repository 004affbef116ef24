package dev.kmemu.emulator.unicorn;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Which pages of a mapping this process has of its own, as Linux tells it. */
final class PageMap {

  private static final Path FILE = Path.of("/proc/self/pagemap");
  private static final int PAGE_SHIFT = 12;
  private static final int AT_ONCE = 1 << 15;
  private static final long SHARED_WITH_FILE = 1L << 61;

  /** Made by the first question: most machines are never asked. */
  private @Nullable ByteBuffer buffer;

  PageMap() {}

  /** Receives numbers of pages in ascending order. */
  interface Visitor {
    void visit(long page);
  }

  /** Whether the host tells. */
  static boolean isReadable() {
    return Host.TELLS;
  }

  /**
   * Visits the pages of a private mapping that are copies of its own: written since it was mapped,
   * or, in anonymous memory, touched.
   */
  void visitPrivate(long address, long size, Visitor visitor) {
    try (FileChannel file = FileChannel.open(FILE, StandardOpenOption.READ)) {
      long pages = size >>> PAGE_SHIFT;
      ByteBuffer entries = buffer();
      for (long first = 0; first < pages; first += AT_ONCE) {
        int count = (int) Math.min(pages - first, AT_ONCE);
        fill(file, entries.limit(count * Long.BYTES).rewind(), (address >>> PAGE_SHIFT) + first);
        for (int i = 0; i < count; i++) {
          if (isPrivate(entries.getLong(i * Long.BYTES))) {
            visitor.visit(first + i);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(FILE + " can't be read", e);
    }
  }

  private ByteBuffer buffer() {
    ByteBuffer made = buffer;
    if (made == null) {
      made = ByteBuffer.allocateDirect(AT_ONCE * Long.BYTES).order(ByteOrder.nativeOrder());
      buffer = made;
    }
    return made;
  }

  /** Bit 63: present. Bit 62: swapped out. */
  private static boolean isPrivate(long entry) {
    return entry >>> 62 != 0 && (entry & SHARED_WITH_FILE) == 0;
  }

  private static void fill(FileChannel file, ByteBuffer entries, long firstPage)
      throws IOException {
    while (entries.hasRemaining()) {
      if (file.read(entries, firstPage * Long.BYTES + entries.position()) < 0) {
        throw new IOException(FILE + " ends at page " + firstPage);
      }
    }
  }

  private static final class Host {
    static final boolean TELLS = probe();

    private static boolean probe() {
      try (FileChannel file = FileChannel.open(FILE, StandardOpenOption.READ)) {
        return file.isOpen();
      } catch (IOException e) {
        return false;
      }
    }
  }
}
