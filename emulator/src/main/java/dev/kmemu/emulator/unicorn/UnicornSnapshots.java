package dev.kmemu.emulator.unicorn;

import static dev.kmemu.emulator.unicorn.UnicornLibrary.check;

import dev.kmemu.emulator.cpu.CpuFields;
import dev.kmemu.emulator.cpu.CpuSnapshot;
import dev.kmemu.emulator.cpu.CpuSnapshots;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.memory.PageRuns;
import dev.kmemu.emulator.memory.PhysicalMemory;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Snapshots by the context, which holds the CPU to the bit, and beside it by name, for files: the
 * layout of a context is the library's own affair and changes between releases.
 */
final class UnicornSnapshots implements CpuSnapshots, AutoCloseable {

  private static final List<HiddenState> PLACES = HiddenState.places();

  private final long engine;
  private final PhysicalMemory ram;
  private final UnicornRegisters registers;
  private final ContextLayout layout;
  private final UnicornContext context;
  private final Runnable flushTlb;

  UnicornSnapshots(
      long engine,
      PhysicalMemory ram,
      UnicornRegisters registers,
      ContextLayout layout,
      Runnable flushTlb) {
    this.engine = engine;
    this.ram = ram;
    this.registers = registers;
    this.layout = layout;
    this.flushTlb = flushTlb;
    this.context = new UnicornContext(engine);
  }

  /** Without a context when it was read from a file. */
  private static final class Snapshot implements CpuSnapshot {
    final long engine;
    final byte @Nullable [] blob;
    final CpuFields state;

    Snapshot(long engine, byte @Nullable [] blob, CpuFields state) {
      this.engine = engine;
      this.blob = blob;
      this.state = state;
    }

    @Override
    public CpuFields state() {
      return state;
    }
  }

  @Override
  public CpuSnapshot capture() {
    return new Snapshot(engine, save(), new CpuFields(named()));
  }

  @Override
  public void restore(CpuSnapshot snapshot) {
    if (!(snapshot instanceof Snapshot own) || own.engine != engine) {
      throw new IllegalArgumentException("the snapshot is one of another CPU");
    }
    byte[] blob = own.blob;
    if (blob == null) {
      restoreByName(own.state);
    } else {
      load(blob);
    }
  }

  @Override
  public CpuSnapshot adopt(CpuFields state) {
    NavigableMap<String, byte[]> mine = named();
    for (String name : mine.keySet()) {
      if (!state.fields().containsKey(name)) {
        throw new IllegalArgumentException("it has no value for this CPU's " + name);
      }
    }
    state
        .fields()
        .forEach(
            (name, value) -> {
              byte[] here = mine.get(name);
              if (here == null) {
                throw new IllegalArgumentException("this CPU has no " + name);
              }
              if (here.length != value.length) {
                throw new IllegalArgumentException(
                    name + " has " + value.length + " bytes, this CPU's has " + here.length);
              }
            });
    return new Snapshot(engine, null, state);
  }

  @Override
  public void ramChanged(PageRuns pages) {
    TranslatedCode.drop(engine, ram, pages);
    flushTlb.run();
  }

  @Override
  public void close() {
    context.close();
  }

  private NavigableMap<String, byte[]> named() {
    save();
    TreeMap<String, byte[]> fields = new TreeMap<>();
    for (Register register : Register.values()) {
      if (registers.has(register)) {
        byte[] value = new byte[register.bytes()];
        registers.read(register, value, 0);
        fields.put(register.name(), value);
      }
    }
    for (HiddenState place : PLACES) {
      fields.put(place.name(), place.read(context.buffer(), layout.registers()));
    }
    return fields;
  }

  /**
   * By name first, with the side effects that a write has on what the engine derives, and then the
   * rest at its place. Paging is off meanwhile: long mode is entered and left with it.
   */
  private void restoreByName(CpuFields state) {
    long cr0 = word(state, Register.CR0.name());
    registers.write(Register.CR0, cr0 & ~(1L << 31));
    // Says which of the eight is ST0.
    registers.write(Register.FSTAT, word(state, Register.FSTAT.name()));
    for (Register register : Register.values()) {
      byte[] value = state.fields().get(register.name());
      if (value != null) {
        switch (register.group()) {
          case X87, VECTOR, MODEL_SPECIFIC -> registers.write(register, value, 0);
          default -> {
            if (BY_NAME.contains(register)) {
              registers.write(register, value, 0);
            }
          }
        }
      }
    }
    registers.write(Register.CR0, cr0);
    save();
    for (HiddenState place : PLACES) {
      byte[] value = state.fields().get(place.name());
      if (value != null) {
        place.write(context.buffer(), layout.registers(), value);
      }
    }
    for (int number : DEBUG_REGISTERS) {
      context.buffer().putLong(layout.dr(number), word(state, "DR" + number));
    }
    context.buffer().putInt(layout.oldException(), -1);
    // A write by name can't change LMA.
    context.buffer().putLong(layout.efer(), word(state, Register.EFER.name()));
    check("uc_context_restore", UnicornLibrary.uc_context_restore(engine, context.address()));
  }

  private static final List<Register> BY_NAME =
      List.of(
          Register.EFER,
          Register.CR4,
          Register.CR3,
          Register.RFLAGS,
          Register.KERNEL_GS_BASE,
          Register.CR8);

  private byte[] save() {
    check("uc_context_save", UnicornLibrary.uc_context_save(engine, context.address()));
    byte[] blob = new byte[context.size()];
    context.buffer().get(0, blob);
    return blob;
  }

  private void load(byte[] blob) {
    context.buffer().put(0, blob);
    check("uc_context_restore", UnicornLibrary.uc_context_restore(engine, context.address()));
  }

  private static long word(CpuFields state, String name) {
    byte @Nullable [] value = state.fields().get(name);
    long word = 0;
    if (value == null) {
      return word;
    }
    for (int i = Math.min(value.length, Long.BYTES); i > 0; i--) {
      word = (word << Byte.SIZE) | (value[i - 1] & 0xFF);
    }
    return word;
  }

  private static final int[] DEBUG_REGISTERS = {0, 1, 2, 3, 6, 7};
}
