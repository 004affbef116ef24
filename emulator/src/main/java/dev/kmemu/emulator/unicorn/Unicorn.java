package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.CpuEngines;
import dev.kmemu.emulator.cpu.ExitProfile;
import dev.kmemu.emulator.memory.HostMapping;
import dev.kmemu.emulator.memory.PhysicalMemory;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The loaded and probed library. */
public final class Unicorn implements CpuEngines {

  private final String path;
  private final UnicornVersion version;
  private final ProbeResult probe;
  private final boolean bounded;
  private final OptionalLong tallyHook;

  Unicorn(
      String path,
      UnicornVersion version,
      ProbeResult probe,
      boolean bounded,
      OptionalLong tallyHook) {
    this.path = path;
    this.version = version;
    this.probe = probe;
    this.bounded = bounded;
    this.tallyHook = tallyHook;
  }

  /** Returns where the library was found. */
  public String path() {
    return path;
  }

  /** Returns the library's release. */
  public UnicornVersion version() {
    return version;
  }

  /** Returns what the probe found out, for a person. */
  public String probeSummary() {
    return probe.layout()
        + ", traps in place, instruction intercepts"
        + (probe.blockSwitch().isPresent() ? ", exact stops" : ", inexact stops")
        + (bounded ? ", bounded blocks" : ", unbounded blocks (guest code can crash it)");
  }

  /** Returns the hook of {@link BlockTally}, empty where the library has none that works. */
  OptionalLong tallyHook() {
    return tallyHook;
  }

  /**
   * Creates a CPU over {@code ram}, which the calling thread will own.
   *
   * <p>It is in 64-bit mode with paging off; physical addresses that aren't RAM read as all ones.
   */
  public CpuEngine createCpu(PhysicalMemory ram) {
    return createCpu(ram, null);
  }

  @Override
  public HostMapping allocate(long bytes) {
    return new AnonymousMapping(bytes);
  }

  @Override
  public CpuEngine createCpu(PhysicalMemory ram, @Nullable ExitProfile profile) {
    return new UnicornEngine(this, probe, ram, profile);
  }
}
