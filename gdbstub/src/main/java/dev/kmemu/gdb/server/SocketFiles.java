package dev.kmemu.gdb.server;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** The file of a Unix domain socket, before and after a server listens on it. */
final class SocketFiles {

  private SocketFiles() {}

  /**
   * Deletes the socket that a dead server left behind, if one did.
   *
   * @throws IOException when something else is there, or a server that lives
   */
  static void makeWay(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (!Files.readAttributes(path, "isOther", LinkOption.NOFOLLOW_LINKS).containsValue(true)) {
      throw new IOException(path + " is there and isn't a socket; choose another name");
    }
    if (answers(path)) {
      throw new IOException("another server listens on " + path + "; choose another name");
    }
    Files.deleteIfExists(path);
  }

  /** Closes the socket to other users. */
  static void restrict(Path path) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
  }

  private static boolean answers(Path path) throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      return channel.isConnected();
    } catch (ConnectException e) {
      return false;
    }
  }
}
