package dev.kmemu.gdb.packet;

/**
 * A thread id of the protocol; CPUs are threads, numbered from 1.
 *
 * @param value the number, {@link #ALL} or {@link #ANY}
 */
public record ThreadId(long value) {

  /** Every thread. */
  public static final long ALL = -1;

  /** Whichever thread. */
  public static final long ANY = 0;

  /** Whether this id includes the thread with {@code number}. */
  public boolean includes(int number) {
    return value == ALL || value == ANY || value == number;
  }

  /** Reads {@code -1}, {@code TID}, {@code pPID} or {@code pPID.TID}; there is one process. */
  static ThreadId read(PacketReader in) throws MalformedPacketException {
    if (!in.accept('p')) {
      return readThread(in);
    }
    readThread(in);
    return in.accept('.') ? readThread(in) : new ThreadId(ALL);
  }

  private static ThreadId readThread(PacketReader in) throws MalformedPacketException {
    if (in.accept('-')) {
      in.expect('1');
      return new ThreadId(ALL);
    }
    return new ThreadId(in.count("a thread id"));
  }
}
