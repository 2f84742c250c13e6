using System.Runtime.CompilerServices;
using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Nodes;

/// <summary>A name that is read or set: bound to a slot of its own function's frame or of one around it.</summary>
internal sealed class NameExpr(string name, bool isStore) : Expr
{
    public string Name => name;

    public bool IsStore => isStore;

    public int Slot { get; set; }

    /// <summary>Functions to go outwards.</summary>
    public int Hops { get; set; }

    public override string Describe => "a name";

    public override Value Eval(Frame frame)
    {
        for (var hops = Hops; hops > 0; hops--)
        {
            frame = frame.Outer!;
        }

        var value = frame.Slots[Slot];
        return value.IsKnown ? value : EvalSlow(frame);
    }

    /// <summary>The slot of a name of the frame's own function, to read in place; null for what is further away.</summary>
    public ref Value SlotOf(Frame frame) => ref Hops == 0 ? ref frame.Slots[Slot] : ref Unsafe.NullRef<Value>();

    // Printed as it lies in its slot, uncopied.
    public override void Print(Frame frame)
    {
        ref var value = ref SlotOf(frame);
        if (!Unsafe.IsNullRef(in value) && value.IsKnown)
        {
            PyRepr.Write(frame.Run, in value);
            return;
        }

        base.Print(frame);
    }

    /// <summary>Sets the slot; names that are set belong to the innermost function.</summary>
    public void Set(Frame frame, Value value) => frame.Slots[Slot] = value;

    private Value EvalSlow(Frame frame)
    {
        var value = frame.ReadSlot(Slot, name);
        return value.IsKnown ? value : Value.Of(new Undefined(frame.Run.Options.Undefined, $"'{name}' is undefined")
        {
            DebugText = name,
            Name = Value.Of(name),
            Origin = this,
            Context = frame.Context,
        });
    }
}
