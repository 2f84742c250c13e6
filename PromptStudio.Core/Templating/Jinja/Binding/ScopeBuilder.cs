using PromptStudio.Core.Templating.Jinja.Nodes;

namespace PromptStudio.Core.Templating.Jinja.Binding;

/// <summary>A function of the template: the root, a block, a macro, a recursive loop. Each call has its own slots.</summary>
internal sealed class FunctionScope(FunctionScope? outer)
{
    public FunctionScope? Outer => outer;

    public int SlotCount { get; private set; }

    public int NewSlot() => SlotCount++;
}

/// <summary>What the binding of a whole template finds.</summary>
internal sealed class BindingResult(List<NameExpr> names)
{
    public List<NameExpr> Names => names;

    /// <summary>Names looked up in the variables, with the place of their first use.</summary>
    public Dictionary<string, int> Free { get; } = new(StringComparer.Ordinal);

    /// <summary>Blocks, which are functions of their own, bound after the root.</summary>
    public List<BlockStmt> Blocks { get; } = [];
}

/// <summary>What a slot gets when its scope is entered.</summary>
internal enum EntryAction : byte
{
    /// <summary>Looked up when first read.</summary>
    Resolve,

    /// <summary>Without a value until it is set.</summary>
    Missing,

    /// <summary>The value of the same name in the scope around.</summary>
    Copy,

    /// <summary>Set by who enters the scope.</summary>
    Parameter,
}

/// <summary>A slot to prepare at the entry of a scope.</summary>
internal readonly record struct EntryStep(EntryAction Action, int Slot, int Hops, int From, string Name);

/// <summary>A variable that a scope could hand to another template.</summary>
internal readonly record struct VisibleName(string Name, int Hops, int Slot);

/// <summary>
/// The names of one scope. Which slot a name has follows Jinja2's compiler: a name that is read first comes from outside, one that
/// is set first is local from the start, one that is set in some branches only may be either.
/// </summary>
internal sealed class ScopeBuilder
{
    private readonly Dictionary<string, Symbol> _symbols = new(StringComparer.Ordinal);
    private readonly List<NameExpr> _uses = [];
    private readonly ScopeBuilder? _parent;
    private Dictionary<string, Symbol>? _branch;
    private List<Dictionary<string, Symbol>?>? _outerBranches;

    public ScopeBuilder(BindingResult result, FunctionScope function, ScopeBuilder? parent, bool isTop = false)
    {
        Result = result;
        Function = function;
        _parent = parent;
        IsTop = isTop;
    }

    public BindingResult Result { get; }

    public FunctionScope Function { get; }

    /// <summary>The template's outermost scope: what is set there is exported.</summary>
    public bool IsTop { get; }

    /// <summary>Printing here stops once the template has a parent.</summary>
    public bool MayExtend { get; init; }

    public ScopeBuilder Inner() => new(Result, Function, this) { MayExtend = MayExtend };

    public ScopeBuilder InnerFunction(bool keepsExtend = false) =>
        new(Result, new FunctionScope(Function), this) { MayExtend = keepsExtend && MayExtend };

    public void Load(NameRange range)
    {
        for (var i = range.From; i < range.To; i++)
        {
            var name = Result.Names[i];
            if (!name.IsStore)
            {
                Load(name);
            }
        }
    }

    public void Load(NameExpr name)
    {
        _uses.Add(name);
        if (Find(name.Name) is null && !FindOutside(name.Name, out _, out _))
        {
            Define(name.Name, EntryAction.Resolve);
        }
    }

    public void Store(NameExpr name)
    {
        _uses.Add(name);
        Store(name.Name);
    }

    public void Store(string name)
    {
        var symbol = Find(name);
        if (symbol is not null)
        {
            Put(symbol with { IsStored = true });
            return;
        }

        if (FindOutside(name, out var hops, out var slot))
        {
            Put(new Symbol(name, Function.NewSlot(), EntryAction.Copy, true, hops, slot));
        }
        else
        {
            Put(new Symbol(name, Function.NewSlot(), EntryAction.Missing, true, 0, 0));
        }
    }

    /// <summary>A name whose value who enters the scope sets.</summary>
    public int Parameter(string name)
    {
        var symbol = new Symbol(name, Find(name)?.Slot ?? Function.NewSlot(), EntryAction.Parameter, true, 0, 0);
        Put(symbol);
        return symbol.Slot;
    }

    public int Parameter(NameExpr name)
    {
        _uses.Add(name);
        return Parameter(name.Name);
    }

    /// <summary>Declares the branches of an <c>if</c>, of which one or none is taken.</summary>
    public void Branches(params ReadOnlySpan<Action> branches)
    {
        var results = new Dictionary<string, Symbol>?[branches.Length];
        for (var i = 0; i < branches.Length; i++)
        {
            (_outerBranches ??= []).Add(_branch);
            _branch = null;
            branches[i]();
            results[i] = _branch;
            _branch = _outerBranches[^1];
            _outerBranches.RemoveAt(_outerBranches.Count - 1);
        }

        Merge(results);
    }

    /// <summary>Gives the names their slots and says what the scope's entry has to prepare.</summary>
    public EntryStep[] Finish(bool isFunctionEntry = false)
    {
        foreach (var use in _uses)
        {
            Lookup(use.Name, out var hops, out var slot);
            use.Hops = hops;
            use.Slot = slot;
        }

        List<EntryStep>? steps = null;
        foreach (var symbol in _symbols.Values)
        {
            if (symbol.Action == EntryAction.Resolve)
            {
                FreeName(symbol.Name);
            }

            // A fresh slot is looked up anyway, and one that is never set keeps what it found.
            if (symbol.Action == EntryAction.Parameter || (symbol.Action == EntryAction.Resolve && (isFunctionEntry || !symbol.IsStored)))
            {
                continue;
            }

            (steps ??= []).Add(new EntryStep(symbol.Action, symbol.Slot, symbol.Hops, symbol.From, symbol.Name));
        }

        return steps is null ? [] : [.. steps];
    }

    /// <summary>The slot of a name that is looked up when this scope first reads it; -1 when it has none.</summary>
    public int LookedUp(string name) => _symbols.GetValueOrDefault(name) is { Action: EntryAction.Resolve } symbol ? symbol.Slot : -1;

    /// <summary>The variables set here and around, innermost first.</summary>
    public VisibleName[] Visible()
    {
        var visible = new List<VisibleName>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var scope = this; scope is not null; scope = scope._parent)
        {
            foreach (var symbol in scope._symbols.Values)
            {
                if (symbol.IsStored && seen.Add(symbol.Name))
                {
                    Lookup(symbol.Name, out var hops, out var slot);
                    visible.Add(new VisibleName(symbol.Name, hops, slot));
                }
            }
        }

        return [.. visible];
    }

    private void FreeName(string name)
    {
        var place = int.MaxValue;
        foreach (var use in _uses)
        {
            if (!use.IsStore && use.Name == name)
            {
                place = Math.Min(place, use.Start);
            }
        }

        if (!Result.Free.TryGetValue(name, out var known) || place < known)
        {
            Result.Free[name] = place;
        }
    }

    private void Define(string name, EntryAction action) => Put(new Symbol(name, Function.NewSlot(), action, false, 0, 0));

    private void Put(Symbol symbol)
    {
        var target = _outerBranches is { Count: > 0 } ? _branch ??= new(StringComparer.Ordinal) : _symbols;
        target[symbol.Name] = symbol;
    }

    private Symbol? Find(string name)
    {
        if (_branch is not null && _branch.TryGetValue(name, out var symbol))
        {
            return symbol;
        }

        for (var i = (_outerBranches?.Count ?? 0) - 1; i >= 0; i--)
        {
            if (_outerBranches![i] is { } branch && branch.TryGetValue(name, out symbol))
            {
                return symbol;
            }
        }

        return _symbols.GetValueOrDefault(name);
    }

    private bool FindOutside(string name, out int hops, out int slot)
    {
        hops = 0;
        slot = 0;
        return _parent is not null && _parent.LookupFrom(Function, name, out hops, out slot);
    }

    private bool Lookup(string name, out int hops, out int slot) => LookupFrom(Function, name, out hops, out slot);

    private bool LookupFrom(FunctionScope from, string name, out int hops, out int slot)
    {
        for (var scope = this; scope is not null; scope = scope._parent)
        {
            if (scope.Find(name) is { } symbol)
            {
                hops = 0;
                for (var function = from; function != scope.Function; function = function.Outer!)
                {
                    hops++;
                }

                slot = symbol.Slot;
                return true;
            }
        }

        hops = 0;
        slot = 0;
        return false;
    }

    private void Merge(Dictionary<string, Symbol>?[] branches)
    {
        Dictionary<string, int>? stores = null;
        foreach (var branch in branches)
        {
            if (branch is null)
            {
                continue;
            }

            foreach (var symbol in branch.Values)
            {
                if (symbol.IsStored && Find(symbol.Name) is not { IsStored: true })
                {
                    stores ??= new(StringComparer.Ordinal);
                    stores[symbol.Name] = stores.GetValueOrDefault(symbol.Name) + 1;
                }
            }
        }

        foreach (var branch in branches)
        {
            if (branch is null)
            {
                continue;
            }

            foreach (var symbol in branch.Values)
            {
                // The same name has one slot in all branches: the first branch's.
                var known = Find(symbol.Name);
                Put(known is null ? symbol : symbol with { Slot = known.Slot, IsStored = symbol.IsStored || known.IsStored });
            }
        }

        if (stores is null)
        {
            return;
        }

        foreach (var (name, count) in stores)
        {
            if (count < branches.Length && Find(name) is { } symbol)
            {
                Put(FindOutside(name, out var hops, out var slot)
                    ? symbol with { Action = EntryAction.Copy, Hops = hops, From = slot }
                    : symbol with { Action = EntryAction.Resolve });
            }
        }
    }

    private sealed record Symbol(string Name, int Slot, EntryAction Action, bool IsStored, int Hops, int From);
}
