package dev.kmemu.emulator.boot;

import java.nio.file.Path;

/** A file that is loaded for the kernel, with arguments. */
public final class BootModule {

  private final String name;
  private final String arguments;
  private final byte[] bytes;

  /**
   * Takes the bytes of a module, which the caller mustn't change afterwards.
   *
   * @param name its file's name
   * @param arguments what the kernel finds behind the name, possibly empty
   */
  public BootModule(String name, String arguments, byte[] bytes) {
    this.name = name;
    this.arguments = arguments;
    this.bytes = bytes;
  }

  /**
   * Reads a module.
   *
   * @throws GuestImageException when it can't be read
   */
  public static BootModule read(Path path, String arguments) {
    return new BootModule(
        path.toString(), arguments, ImageFile.read(path, "a file to load").bytes());
  }

  /** Returns its file's name. */
  public String name() {
    return name;
  }

  /** Returns the module's command line: its name and its arguments. */
  public String commandLine() {
    return arguments.isEmpty() ? name : name + " " + arguments;
  }

  byte[] bytes() {
    return bytes;
  }
}
