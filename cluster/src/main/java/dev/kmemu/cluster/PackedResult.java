package dev.kmemu.cluster;

import dev.kmemu.campaign.Suite;
import dev.kmemu.campaign.drive.RangeResult;
import dev.kmemu.campaign.drive.RangeResultText;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** The result of a range as bytes: its text, packed, because coverage says the same often. */
final class PackedResult {

  private PackedResult() {}

  static byte[] pack(RangeResult result) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream packer = new GZIPOutputStream(bytes)) {
      packer.write(RangeResultText.format(result).getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static RangeResult unpack(Suite suite, byte[] packed) {
    try (GZIPInputStream text = new GZIPInputStream(new ByteArrayInputStream(packed))) {
      return RangeResultText.parse(suite, new String(text.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
