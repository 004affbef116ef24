package dev.kmemu.emulator.boot;

/**
 * A guest image that can't be loaded. The message is one line: the image's name, what is wrong, and
 * in parentheses the way out.
 */
public final class GuestImageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why an image is refused. */
  public enum Reason {
    /** The file doesn't exist, is no regular file, or can't be read. */
    UNREADABLE,
    /** The file is larger than a loader is willing to read. */
    TOO_LARGE,
    /** The file has no bytes. */
    EMPTY,
    /** The file ends inside a header. */
    TRUNCATED,
    /** The file is of no format that a loader knows. */
    UNKNOWN_FORMAT,
    /** The file isn't ELF. */
    NOT_ELF,
    /** ELF, but not of 64 bits. */
    WRONG_CLASS,
    /** ELF, but big-endian. */
    WRONG_BYTE_ORDER,
    /** ELF for another instruction set. */
    WRONG_MACHINE,
    /** ELF, but not a statically linked executable. */
    WRONG_TYPE,
    /** A header field has a value that the format doesn't allow. */
    MALFORMED_HEADER,
    /** A segment's bytes aren't all in the file. */
    SEGMENT_OUTSIDE_FILE,
    /** A segment has more bytes in the file than in memory, or wraps around the address space. */
    MALFORMED_SEGMENT,
    /** Two segments claim the same physical memory. */
    SEGMENTS_OVERLAP,
    /** There is no segment to load. */
    NOTHING_TO_LOAD,
    /** Guest RAM is too small for a segment. */
    DOES_NOT_FIT_RAM
  }

  private final Reason reason;

  GuestImageException(Reason reason, String image, String why, String wayOut) {
    super(image + ": " + why + " (" + wayOut + ")");
    this.reason = reason;
  }

  /** Returns why the image is refused. */
  public Reason reason() {
    return reason;
  }
}
