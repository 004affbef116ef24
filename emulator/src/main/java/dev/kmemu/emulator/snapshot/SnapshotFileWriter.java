package dev.kmemu.emulator.snapshot;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;
import java.util.zip.Deflater;

/**
 * Writes a file section by section, under another name until it is whole. Belongs to one thread.
 */
public final class SnapshotFileWriter implements AutoCloseable {

  private final Path path;
  private final Path unfinished;
  private final FileChannel channel;
  private final OutputStream out;
  private final CRC32C total = new CRC32C();
  private final Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
  private boolean finished;

  /**
   * Starts a file.
   *
   * @throws IOException when it can't be written
   */
  public SnapshotFileWriter(Path path, SnapshotFacts facts) throws IOException {
    this.path = path.toAbsolutePath();
    Path directory = this.path.getParent();
    if (directory == null) {
      throw new IOException(path + " isn't a file's name");
    }
    unfinished = Files.createTempFile(directory, "." + path.getFileName(), ".part");
    channel = FileChannel.open(unfinished, StandardOpenOption.WRITE);
    out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
    byte[] engine = text(facts.engine());
    StateWriter header = new StateWriter();
    header.raw(SnapshotFormat.MAGIC, 0, SnapshotFormat.MAGIC.length);
    header.int32(SnapshotFormat.VERSION);
    header.int32(SnapshotFormat.HEADER_BYTES + engine.length);
    header.int64(facts.ramSize());
    header.bytes(engine);
    writeWithChecksum(header.toBytes());
  }

  /** Adds a section. */
  public void section(Section section) throws IOException {
    byte[] stored = deflate(section.contents());
    boolean smaller = stored.length < section.contents().length;
    byte[] payload = smaller ? stored : section.contents();
    byte[] name = section.name().getBytes(StandardCharsets.US_ASCII);
    if (!SnapshotFormat.NAME.matcher(section.name()).matches()) {
      throw new IllegalArgumentException("not a section's name: " + section.name());
    }
    StateWriter header = new StateWriter();
    header.raw(SnapshotFormat.SECTION, 0, SnapshotFormat.SECTION.length);
    header.bytes(name);
    header.int32(section.version());
    header.int32(smaller ? 1 : 0);
    header.int32(section.contents().length);
    header.int32(payload.length);
    writeWithChecksum(header.toBytes());
    writeWithChecksum(payload);
  }

  /** Ends the file, which has its name from then on, in place of one that had it before. */
  public void finish() throws IOException {
    write(SnapshotFormat.END);
    out.write(int32(total));
    out.flush();
    channel.force(true);
    channel.close();
    try {
      Files.move(unfinished, path, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(unfinished, path, StandardCopyOption.REPLACE_EXISTING);
    }
    finished = true;
  }

  /** Leaves nothing behind of a file that wasn't finished. Idempotent. */
  @Override
  public void close() throws IOException {
    deflater.end();
    channel.close();
    if (!finished) {
      Files.deleteIfExists(unfinished);
    }
  }

  private void write(byte[] bytes) throws IOException {
    total.update(bytes);
    out.write(bytes);
  }

  private byte[] deflate(byte[] contents) {
    deflater.reset();
    deflater.setInput(contents);
    deflater.finish();
    byte[] target = new byte[contents.length];
    int done = deflater.deflate(target);
    // What doesn't fit isn't smaller, and is stored as it is.
    return deflater.finished() ? Arrays.copyOf(target, done) : contents;
  }

  private static byte[] text(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    return Arrays.copyOf(bytes, Math.min(bytes.length, SnapshotFormat.MOST_TEXT_BYTES));
  }

  private void writeWithChecksum(byte[] bytes) throws IOException {
    CRC32C sum = new CRC32C();
    sum.update(bytes);
    write(bytes);
    write(int32(sum));
  }

  private static byte[] int32(CRC32C sum) {
    StateWriter out = new StateWriter();
    out.int32((int) sum.getValue());
    return out.toBytes();
  }
}
