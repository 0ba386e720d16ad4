package thought

import "testing"

func TestPatternCounts(t *testing.T) {
	if (&Engine{}).Pattern([]string{"a", "a"})["a"] != 2 {
		t.Fatal("not counted")
	}
}
