package dev.kmemu.emulator.unicorn;

import static dev.kmemu.emulator.unicorn.UnicornLibrary.check;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.RegisterFile;
import dev.kmemu.emulator.cpu.RegisterGroup;
import dev.kmemu.emulator.unicorn.RegisterBinding.Form;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Registers by {@code uc_reg_read} and {@code uc_reg_write} through one piece of native memory. */
final class UnicornRegisters implements RegisterFile {

  private static final int SLOT = 32;
  private static final int MOST_AT_ONCE = Register.values().length;
  private static final int POINTERS = MOST_AT_ONCE * SLOT;
  private static final int IDS = POINTERS + MOST_AT_ONCE * Long.BYTES;
  private static final Map<Register, RegisterBinding> BINDINGS = bindings();

  private final long engine;
  private final boolean avx;
  private final Memory memory = new Memory(IDS + MOST_AT_ONCE * (long) Integer.BYTES);
  private final long address = Pointer.nativeValue(memory);
  private final ByteBuffer buffer =
      memory.getByteBuffer(0, memory.size()).order(ByteOrder.LITTLE_ENDIAN);
  private @Nullable UnicornContext context;
  private @Nullable ByteBuffer live;
  private int derivedFlags;
  private int faultAddress;
  private int taskPriority = -1;
  private boolean frozen;
  private boolean closed;

  UnicornRegisters(long engine, boolean avx) {
    this.engine = engine;
    this.avx = avx;
    for (int i = 0; i < MOST_AT_ONCE; i++) {
      buffer.putLong(POINTERS + i * Long.BYTES, address + (long) i * SLOT);
    }
  }

  /** Adds what only the context holds. */
  void attachContext(UnicornContext blob, ContextLayout layout) {
    context = blob;
    taskPriority = layout.taskPriority();
  }

  /** Adds the state itself, for the sake of MSRs and CR2. */
  void attachLive(ByteBuffer state, ContextLayout layout) {
    live = state;
    derivedFlags = layout.hflags();
    faultAddress = layout.cr2();
  }

  /** Reads any MSR, 0 where the engine has none of that number. */
  long readMsr(int index) {
    requireOpen();
    buffer.putInt(0, index);
    buffer.putInt(Integer.BYTES, 0);
    buffer.putLong(Long.BYTES, 0);
    exchangeMsr(false);
    return buffer.getLong(Long.BYTES);
  }

  /** Writes any MSR, also inside a trap. */
  void writeMsr(int index, long value) {
    requireOpen();
    buffer.putInt(0, index);
    buffer.putInt(Integer.BYTES, 0);
    buffer.putLong(Long.BYTES, value);
    exchangeMsr(true);
  }

  /**
   * Exchanges the MSR in the first slot. The library runs the instruction for it, which mustn't be
   * intercepted: there is nothing to come out of.
   */
  private void exchangeMsr(boolean write) {
    int flags = hideGuestFlag();
    int error =
        write
            ? UnicornLibrary.uc_reg_write(engine, RegisterBinding.msrRegister(), address)
            : UnicornLibrary.uc_reg_read(engine, RegisterBinding.msrRegister(), address);
    restoreGuestFlag(flags);
    check("an MSR", error);
  }

  private int hideGuestFlag() {
    ByteBuffer state = live;
    if (state == null) {
      return 0;
    }
    int flags = state.getInt(derivedFlags);
    state.putInt(derivedFlags, flags & ~Intercept.GUEST_FLAG);
    return flags & Intercept.GUEST_FLAG;
  }

  /** Keeps whatever else the library has changed in the derived flags meanwhile. */
  private void restoreGuestFlag(int flag) {
    ByteBuffer state = live;
    if (state != null) {
      state.putInt(derivedFlags, state.getInt(derivedFlags) | flag);
    }
  }

  /** While frozen, a write would be undone by the restore that ends a trap, and is refused. */
  void setFrozen(boolean frozen) {
    this.frozen = frozen;
  }

  /** After this every access is refused, because the engine's memory is gone. */
  void close() {
    closed = true;
  }

  @Override
  public boolean has(Register register) {
    if (register == Register.CR8) {
      return taskPriority >= 0;
    }
    return register.group() != RegisterGroup.VECTOR || register.bits() <= 128 || avx;
  }

  @Override
  public long read(Register register) {
    requireNarrow(register);
    RegisterBinding binding = binding(register);
    fetch(register, binding, 0);
    return value(register, binding, 0);
  }

  @Override
  public void write(Register register, long value) {
    requireNarrow(register);
    RegisterBinding binding = binding(register);
    if (binding.form() == Form.TABLE || binding.form() == Form.CONTEXT) {
      fetch(register, binding, 0);
    } else {
      prepare(binding, 0);
    }
    switch (register.bits()) {
      case 16 -> buffer.putShort(binding.offset(), (short) value);
      case 32 -> buffer.putInt(binding.offset(), (int) value);
      default -> buffer.putLong(binding.offset(), value);
    }
    store(register, binding);
  }

  @Override
  public void read(Register register, byte[] target, int offset) {
    Objects.checkFromIndexSize(offset, register.bytes(), target.length);
    requirePresent(register);
    RegisterBinding binding = binding(register);
    fetch(register, binding, 0);
    buffer.get(binding.offset(), target, offset, register.bytes());
  }

  @Override
  public void write(Register register, byte[] source, int offset) {
    Objects.checkFromIndexSize(offset, register.bytes(), source.length);
    if (!register.isWide()) {
      long value = 0;
      for (int i = register.bytes() - 1; i >= 0; i--) {
        value = (value << 8) | (source[offset + i] & 0xFF);
      }
      write(register, value);
      return;
    }
    requirePresent(register);
    RegisterBinding binding = binding(register);
    buffer.put(0, source, offset, register.bytes());
    store(register, binding);
  }

  @Override
  public void read(Register[] registers, long[] values) {
    if (registers.length > MOST_AT_ONCE || registers.length > values.length) {
      throw new IllegalArgumentException(
          registers.length
              + " registers at once; the limit is the smaller of "
              + MOST_AT_ONCE
              + " and the "
              + values.length
              + " values to fill");
    }
    requireOpen();
    boolean inContext = false;
    for (int i = 0; i < registers.length; i++) {
      requireNarrow(registers[i]);
      RegisterBinding binding = binding(registers[i]);
      boolean contextOnly = binding.form() == Form.CONTEXT;
      inContext |= contextOnly;
      prepare(binding, i * SLOT);
      // A context-only register has no identifier: any other fills its slot until it is read below.
      buffer.putInt(
          IDS + i * Integer.BYTES, contextOnly ? binding(Register.RIP).id() : identifier(binding));
    }
    int flags = hideGuestFlag();
    int error =
        UnicornLibrary.uc_reg_read_batch(
            engine, address + IDS, address + POINTERS, registers.length);
    restoreGuestFlag(flags);
    check("uc_reg_read_batch", error);
    for (int i = 0; i < registers.length; i++) {
      values[i] = value(registers[i], binding(registers[i]), i * SLOT);
    }
    for (int i = 0; inContext && i < registers.length; i++) {
      if (binding(registers[i]).form() == Form.CONTEXT) {
        values[i] = read(registers[i]);
      }
    }
  }

  private static Map<Register, RegisterBinding> bindings() {
    Map<Register, RegisterBinding> bindings = new EnumMap<>(Register.class);
    for (Register register : Register.values()) {
      bindings.put(register, RegisterBinding.of(register));
    }
    return bindings;
  }

  private static RegisterBinding binding(Register register) {
    return Objects.requireNonNull(BINDINGS.get(register));
  }

  private static int identifier(RegisterBinding binding) {
    return binding.form() == Form.MSR ? RegisterBinding.msrRegister() : binding.id();
  }

  private void prepare(RegisterBinding binding, int slot) {
    buffer.putLong(slot, 0);
    if (binding.form() == Form.MSR) {
      buffer.putInt(slot, binding.id());
    }
  }

  private void fetch(Register register, RegisterBinding binding, int slot) {
    requireOpen();
    prepare(binding, slot);
    if (binding.form() == Form.CONTEXT) {
      buffer.putLong(slot, blob(register).buffer().get(taskPriority) & 0xF);
      return;
    }
    boolean msr = binding.form() == Form.MSR;
    int flags = msr ? hideGuestFlag() : 0;
    int error = UnicornLibrary.uc_reg_read(engine, identifier(binding), address + slot);
    if (msr) {
      restoreGuestFlag(flags);
    }
    if (error != UnicornLibrary.UC_ERR_OK) {
      check("reading " + register, error);
    }
  }

  private long value(Register register, RegisterBinding binding, int slot) {
    int at = slot + binding.offset();
    return switch (register.bits()) {
      case 16 -> buffer.getShort(at) & 0xFFFFL;
      case 32 -> buffer.getInt(at) & 0xFFFF_FFFFL;
      default -> buffer.getLong(at);
    };
  }

  private void store(Register register, RegisterBinding binding) {
    requireOpen();
    if (frozen) {
      throw new IllegalStateException(
          register + " can't be written inside a trap; change the frame instead");
    }
    if (binding.form() == Form.CONTEXT) {
      UnicornContext blob = blob(register);
      blob.buffer().put(taskPriority, (byte) (buffer.getLong(0) & 0xF));
      check("writing " + register, UnicornLibrary.uc_context_restore(engine, blob.address()));
      return;
    }
    ByteBuffer state = live;
    if (register == Register.CR2 && state != null) {
      // The library would write CR3 too.
      state.putLong(faultAddress, buffer.getLong(0));
      return;
    }
    boolean msr = binding.form() == Form.MSR;
    int flags = msr ? hideGuestFlag() : 0;
    int error = UnicornLibrary.uc_reg_write(engine, identifier(binding), address);
    if (msr) {
      restoreGuestFlag(flags);
    }
    if (error != UnicornLibrary.UC_ERR_OK) {
      check("writing " + register, error);
    }
  }

  private UnicornContext blob(Register register) {
    UnicornContext blob = context;
    if (blob == null || taskPriority < 0) {
      throw missing(register);
    }
    if (!frozen) {
      check("reading " + register, UnicornLibrary.uc_context_save(engine, blob.address()));
    }
    return blob;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the CPU is closed");
    }
  }

  private void requireNarrow(Register register) {
    if (register.isWide()) {
      throw new IllegalArgumentException(register + " has " + register.bits() + " bits, not 64");
    }
    requirePresent(register);
  }

  private void requirePresent(Register register) {
    if (!has(register)) {
      throw missing(register);
    }
  }

  private static IllegalArgumentException missing(Register register) {
    return new IllegalArgumentException("this CPU has no " + register);
  }
}
