package dev.kmemu.emulator.unicorn;

import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Finds libunicorn, refuses one that can't serve, and learns how it lays out a CPU context. A JVM
 * loads one library; later calls give the same {@link Unicorn}.
 *
 * <p>Looked up in this order: system property {@code kmemu.unicorn}, environment variable {@code
 * KMEMU_UNICORN}, the system's library path.
 */
public final class UnicornLoader {

  /** System property that names the library's file. */
  public static final String PROPERTY = "kmemu.unicorn";

  /** Environment variable that names the library's file. */
  public static final String VARIABLE = "KMEMU_UNICORN";

  /** The last version that stops watching a page of code at the first store. */
  private static final UnicornVersion WATCHES_CODE_ONCE = new UnicornVersion(2, 1, 1);

  private static final String WAY_OUT =
      "let ./kmemu setup fetch one, or point "
          + VARIABLE
          + " at libunicorn "
          + UnicornVersion.OLDEST
          + " or newer";

  private static @Nullable Unicorn loaded;

  private UnicornLoader() {}

  /**
   * Loads the library, once for the JVM.
   *
   * @throws UnicornException when there is none, or it is too old, of another architecture, or
   *     fails the probe
   */
  public static synchronized Unicorn load() {
    Unicorn unicorn = loaded;
    if (unicorn == null) {
      unicorn = loadFrom(configuredPath());
      loaded = unicorn;
    }
    return unicorn;
  }

  private static @Nullable String configuredPath() {
    String property = System.getProperty(PROPERTY);
    if (property != null && !property.isEmpty()) {
      return property;
    }
    String variable = System.getenv(VARIABLE);
    return variable == null || variable.isEmpty() ? null : variable;
  }

  private static Unicorn loadFrom(@Nullable String path) {
    if (!Platform.is64Bit() || !Platform.isIntel() || !Platform.isLinux()) {
      throw new UnicornException(
          "libunicorn: the host is "
              + System.getProperty("os.name")
              + " on "
              + System.getProperty("os.arch")
              + ", kmemu's binding needs Linux on x86_64");
    }
    String shown = path == null ? "libunicorn" : path;
    if (path != null && !Files.isRegularFile(Path.of(path))) {
      throw new UnicornException(shown + ": no such file (" + WAY_OUT + ")");
    }
    NativeLibrary library;
    try {
      library = path == null ? findInSystem() : NativeLibrary.getInstance(path);
    } catch (UnsatisfiedLinkError e) {
      throw new UnicornException(
          path == null
              ? "libunicorn: not found on this machine (" + WAY_OUT + ")"
              : path + ": can't be loaded: " + reason(e) + " (" + WAY_OUT + ")",
          e);
    }
    UnicornVersion version = version(library, shown);
    if (version.compareTo(UnicornVersion.OLDEST) < 0) {
      throw new UnicornException(
          shown
              + ": is Unicorn "
              + version
              + ", which doesn't translate x86 addresses; "
              + UnicornVersion.OLDEST
              + " or newer is needed ("
              + WAY_OUT
              + ")");
    }
    File file = library.getFile();
    String resolved = file == null ? library.getName() : file.getPath();
    try {
      UnicornLibrary.bind(resolved);
      TranslatedCode.bind(resolved, version);
    } catch (UnsatisfiedLinkError e) {
      throw new UnicornException(
          shown + ": lacks a function of Unicorn 2.1: " + reason(e) + " (" + WAY_OUT + ")", e);
    }
    boolean bounded = BlockTemporaries.bound(library);
    OptionalLong tallyHook = BlockTally.install(library);
    RestartedInstruction.install(library);
    if (version.compareTo(WATCHES_CODE_ONCE) <= 0) {
      CodePages.dropWhole(library);
    }
    try {
      ProbeResult probe = ContextProbe.run(library);
      GuardedHelpers.install(library, probe);
      NativeBreakpoints.install(library, probe.live().registers());
      AddressSpaceSwitches.install(library, probe.layout().cr3() - probe.layout().registers());
      return new Unicorn(resolved, version, probe, bounded, tallyHook);
    } catch (UnicornException e) {
      throw new UnicornException(
          shown
              + ": Unicorn "
              + version
              + " fails the probe: "
              + e.getMessage()
              + " ("
              + WAY_OUT
              + ")",
          e);
    }
  }

  private static NativeLibrary findInSystem() {
    try {
      return NativeLibrary.getInstance("libunicorn.so.2");
    } catch (UnsatisfiedLinkError e) {
      return NativeLibrary.getInstance("unicorn");
    }
  }

  private static UnicornVersion version(NativeLibrary library, String shown) {
    try (Memory numbers = new Memory(8)) {
      Pointer minor = numbers.share(4);
      int packed =
          library.getFunction("uc_version").invokeInt(new Object[] {numbers.share(0), minor});
      return UnicornVersion.decode(packed);
    } catch (UnsatisfiedLinkError e) {
      throw new UnicornException(shown + ": isn't libunicorn (" + WAY_OUT + ")", e);
    }
  }

  /** JNA's first line only repeats the name; the linker's own words follow it. */
  private static String reason(Throwable e) {
    String message = e.getMessage();
    if (message == null) {
      return "unknown error";
    }
    List<String> lines = message.lines().filter(line -> !line.isBlank()).toList();
    return lines.isEmpty() ? "unknown error" : lines.get(Math.min(1, lines.size() - 1)).strip();
  }
}
