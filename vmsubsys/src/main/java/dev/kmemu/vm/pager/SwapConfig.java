package dev.kmemu.vm.pager;

import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Where anonymous pages go when memory is short. */
public sealed interface SwapConfig {

  /** Returns no swap: dirty anonymous pages stay in RAM, and clean ones only are reclaimed. */
  static SwapConfig none() {
    return None.INSTANCE;
  }

  /**
   * Opens the swap space; null for none.
   *
   * @throws SwapUnavailableException when a file can't be used, naming it and the way out
   */
  @Nullable SwapSpace open();

  /** No swap. */
  enum None implements SwapConfig {
    INSTANCE;

    @Override
    public @Nullable SwapSpace open() {
      return null;
    }
  }

  /**
   * Swap in the Java heap, which takes 4096 bytes for each page that was ever written.
   *
   * @param pages its size, at least 1
   */
  record Memory(int pages) implements SwapConfig {

    /** Checks the size. */
    public Memory {
      requirePages(pages);
    }

    @Override
    public SwapSpace open() {
      return new MemorySwap(pages);
    }
  }

  /**
   * Swap in a file, see {@link FileSwap}.
   *
   * @param path a file to create, or one that may be overwritten
   * @param pages the size in pages of 4096 bytes, at least 1
   */
  record File(Path path, int pages) implements SwapConfig {

    /** Checks the size. */
    public File {
      Objects.requireNonNull(path, "path");
      requirePages(pages);
    }

    @Override
    public SwapSpace open() {
      return FileSwap.open(path, pages);
    }
  }

  /**
   * Swap that the caller brings, such as one whose disk fails.
   *
   * @param opener makes it, once for each kernel
   */
  record Custom(Supplier<SwapSpace> opener) implements SwapConfig {

    /** Checks that there is one. */
    public Custom {
      Objects.requireNonNull(opener, "opener");
    }

    @Override
    public SwapSpace open() {
      return opener.get();
    }
  }

  private static void requirePages(int pages) {
    if (pages < 1) {
      throw new IllegalArgumentException(
          "swap must have from 1 to " + Integer.MAX_VALUE + " pages of 4096 bytes, got " + pages);
    }
  }
}
