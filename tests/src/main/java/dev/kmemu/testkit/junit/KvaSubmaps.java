package dev.kmemu.testkit.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Carves submaps out of the kernel map, as {@code cpu_startup} does. They are all that can be
 * chosen of the layout of KVA: where it begins and ends, the direct map and the recursive slot are
 * those of {@link dev.kmemu.vm.pmap.KvaLayout}, the 2.8 kernel's constants, for every machine.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD, ElementType.ANNOTATION_TYPE})
public @interface KvaSubmaps {

  /** Bytes of KVA for the buffer cache. */
  long bufferBytes();

  /** Bytes of KVA for the pagers. */
  long pagerBytes();
}
