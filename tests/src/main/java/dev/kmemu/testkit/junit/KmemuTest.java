package dev.kmemu.testkit.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tests that run on a machine with a kernel VM. Each test that asks for a parameter of it gets a
 * machine as new: one is booted for each configuration and each test that runs at the same time,
 * and goes back to a snapshot before each test.
 *
 * <pre>{@code
 * @KmemuTest
 * @Ram("64M")
 * class WiredMemoryTest {
 *   @Test
 *   void wiredMemoryIsZeroed(KernelVm vm, GuestCpu guest) {
 *     VirtualAddress kva = vm.kmem().alloc(vm.kernelMap(), 4096).orThrow();
 *     assertThat(guest).load(kva).isZero();
 *   }
 * }
 * }</pre>
 *
 * <p>{@link Ram}, {@link Swap}, {@link CpuFeatures}, {@link KvaSubmaps} and {@link WithPmap} say
 * what the machine is like, on the class or on the method, whose word counts. After each test the
 * invariants of the VM are checked, unless {@link SkipInvariantCheck} says otherwise. {@link
 * KmemuExtension} lists the types of parameters.
 */
@Documented
@Inherited
@ExtendWith(KmemuExtension.class)
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD, ElementType.ANNOTATION_TYPE})
public @interface KmemuTest {}
