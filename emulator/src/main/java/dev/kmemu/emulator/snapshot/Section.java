package dev.kmemu.emulator.snapshot;

/** A section of a file. */
public final class Section {

  private final String name;
  private final int version;
  private final byte[] contents;

  /**
   * Names contents.
   *
   * @param name what it is the state of
   * @param version of the contents, from 1 on
   * @param contents uncompressed, not to be changed
   */
  public Section(String name, int version, byte[] contents) {
    this.name = name;
    this.version = version;
    this.contents = contents;
  }

  /** Returns what it is the state of. */
  public String name() {
    return name;
  }

  /** Returns the version of the contents. */
  public int version() {
    return version;
  }

  /** Returns the contents, not to be changed. */
  public byte[] contents() {
    return contents;
  }
}
