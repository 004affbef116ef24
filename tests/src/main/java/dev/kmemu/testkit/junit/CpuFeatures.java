package dev.kmemu.testkit.junit;

import dev.kmemu.testkit.guest.CpuFeature;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Switches features of paging on and off that differ from {@link CpuFeature#isStandard}. */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD, ElementType.ANNOTATION_TYPE})
public @interface CpuFeatures {

  /** What is on. */
  CpuFeature[] on() default {};

  /** What is off. */
  CpuFeature[] off() default {};
}
