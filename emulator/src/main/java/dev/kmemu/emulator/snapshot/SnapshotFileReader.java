package dev.kmemu.emulator.snapshot;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file section by section. Nothing that it returns may be used before {@link #next} has
 * returned null: only then is the file known to be whole. Belongs to one thread.
 */
public final class SnapshotFileReader implements AutoCloseable {

  private static final String AGAIN = "the file is damaged, take the snapshot again";

  private final Path path;
  private final long size;
  private final InputStream in;
  private final CRC32C total = new CRC32C();
  private final Inflater inflater = new Inflater(true);
  private final SnapshotFacts facts;
  private long position;
  private boolean whole;

  /**
   * Opens a file and reads its header.
   *
   * @throws SnapshotException when it isn't a snapshot that this kmemu reads
   */
  public SnapshotFileReader(Path path) {
    this.path = path;
    try {
      size = Files.size(path);
      in = new BufferedInputStream(Files.newInputStream(path), 1 << 16);
    } catch (IOException e) {
      throw new SnapshotException(path + ": can't be read: " + e, e);
    }
    try {
      facts = header();
    } catch (SnapshotException e) {
      close();
      throw e;
    }
  }

  /** Returns what the header says of the machine. */
  public SnapshotFacts facts() {
    return facts;
  }

  /**
   * Returns the next section, or null at the end of the file.
   *
   * @throws SnapshotException when the file isn't whole
   */
  public @Nullable Section next() {
    if (whole) {
      return null;
    }
    byte[] mark = read(4, "a section");
    if (Arrays.equals(mark, SnapshotFormat.END)) {
      end();
      return null;
    }
    if (!Arrays.equals(mark, SnapshotFormat.SECTION)) {
      throw damaged("no section begins at byte " + (position - 4));
    }
    CRC32C sum = sum(mark);
    int nameLength = number(sum, "a section's name", 1, SnapshotFormat.MOST_NAME_BYTES);
    byte[] nameBytes = read(nameLength, "a section's name");
    sum.update(nameBytes);
    String name = new String(nameBytes, StandardCharsets.US_ASCII);
    int version = number(sum, "the version of " + name, 1, Integer.MAX_VALUE);
    int packed = number(sum, "the packing of " + name, 0, 1);
    int most = SnapshotFormat.MOST_SECTION_BYTES;
    int length = number(sum, "the length of " + name, 0, most);
    int stored = number(sum, "the stored length of " + name, packed == 1 ? 0 : length, length);
    verify(sum, "the head of section " + name);
    if (length > stored * (long) SnapshotFormat.MOST_PACKED + SnapshotFormat.MOST_PACKED) {
      throw damaged("section " + name + " can't have " + length + " bytes packed in " + stored);
    }
    byte[] payload = read(stored, "section " + name);
    verify(sum(payload), "section " + name);
    return new Section(name, version, packed == 1 ? inflate(name, payload, length) : payload);
  }

  @Override
  public void close() {
    inflater.end();
    try {
      in.close();
    } catch (IOException e) {
      throw new SnapshotException(path + ": can't be closed: " + e, e);
    }
  }

  private SnapshotFacts header() {
    byte[] magic = read(SnapshotFormat.MAGIC.length, "its first bytes");
    if (!Arrays.equals(magic, SnapshotFormat.MAGIC)) {
      throw new SnapshotException(path + ": isn't a snapshot of kmemu: name one that is");
    }
    CRC32C sum = sum(magic);
    int version = number(sum, "the format version", Integer.MIN_VALUE, Integer.MAX_VALUE);
    if (version < 1 || version > SnapshotFormat.VERSION) {
      throw new SnapshotException(
          path
              + ": has format version "
              + version
              + ", this kmemu reads 1 to "
              + SnapshotFormat.VERSION
              + ": use the kmemu that wrote it, or take the snapshot again");
    }
    int text =
        number(sum, "the header's length", 0, Integer.MAX_VALUE) - SnapshotFormat.HEADER_BYTES;
    if (text < 0 || text > SnapshotFormat.MOST_TEXT_BYTES) {
      throw damaged("the header can't have " + text + " bytes of text");
    }
    byte[] ramSize = read(Long.BYTES, "the size of RAM");
    sum.update(ramSize);
    int textLength = number(sum, "the length of the engine's name", text, text);
    byte[] engine = read(textLength, "the engine's name");
    sum.update(engine);
    verify(sum, "the header");
    return new SnapshotFacts(
        buffer(ramSize).getLong(0), new String(engine, StandardCharsets.UTF_8));
  }

  private void end() {
    int expected = (int) total.getValue();
    int found = buffer(read(Integer.BYTES, "the checksum at its end")).getInt(0);
    if (found != expected) {
      throw damaged(mismatch("the file", expected, found));
    }
    if (position != size) {
      throw damaged((size - position) + " bytes follow its end");
    }
    whole = true;
  }

  private byte[] inflate(String name, byte[] payload, int length) {
    byte[] contents = new byte[length];
    inflater.reset();
    inflater.setInput(payload);
    try {
      int done = 0;
      while (done < length && !inflater.finished() && !inflater.needsInput()) {
        done += inflater.inflate(contents, done, length - done);
      }
      if (done == length) {
        return contents;
      }
      throw damaged("section " + name + " unpacks to " + done + " bytes, expected " + length);
    } catch (DataFormatException e) {
      throw damaged("section " + name + " can't be unpacked: " + e.getMessage());
    }
  }

  private int number(CRC32C sum, String what, int least, int most) {
    byte[] bytes = read(Integer.BYTES, what);
    sum.update(bytes);
    int value = buffer(bytes).getInt(0);
    if (value < least || value > most) {
      throw damaged(what + " is " + value + ", expected " + least + " to " + most);
    }
    return value;
  }

  private void verify(CRC32C sum, String what) {
    int expected = (int) sum.getValue();
    int found = buffer(read(Integer.BYTES, "the checksum of " + what)).getInt(0);
    if (found != expected) {
      throw damaged(mismatch(what, expected, found));
    }
  }

  private byte[] read(int count, String what) {
    if (count > size - position) {
      throw damaged(
          "it ends within " + what + ", at byte " + size + " of at least " + (position + count));
    }
    try {
      byte[] bytes = in.readNBytes(count);
      if (bytes.length < count) {
        throw damaged("it ends within " + what);
      }
      position += count;
      if (!whole) {
        total.update(bytes);
      }
      return bytes;
    } catch (IOException e) {
      throw new SnapshotException(path + ": can't be read: " + e, e);
    }
  }

  private static String mismatch(String what, int expected, int found) {
    return String.format("%s has checksum 0x%08x, expected 0x%08x", what, found, expected);
  }

  private SnapshotException damaged(String what) {
    return new SnapshotException(path + ": " + what + ": " + AGAIN);
  }

  private static CRC32C sum(byte[] bytes) {
    CRC32C sum = new CRC32C();
    sum.update(bytes);
    return sum;
  }

  private static ByteBuffer buffer(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
