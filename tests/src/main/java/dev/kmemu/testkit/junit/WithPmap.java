package dev.kmemu.testkit.junit;

import dev.kmemu.vm.pmap.PmapProvider;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Runs the test on another pmap than the standard one: the tester's. */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD, ElementType.ANNOTATION_TYPE})
public @interface WithPmap {

  /** Makes it: a public class with a public constructor without parameters. */
  Class<? extends PmapProvider> value();
}
