namespace PromptStudio.Core.Statistics;

/// <summary>A figure, or the reason why there is none. There is no third case: no NaN, no interval of width 0, no p = 0 for want of data.</summary>
public readonly record struct Computed<T>
{
    private readonly T? _value;

    private Computed(T? value, NotComputable? reason) => (_value, Reason) = (value, reason);

    /// <summary>Why there is no figure; null when there is one.</summary>
    public NotComputable? Reason { get; }

    /// <summary>Whether there is a figure.</summary>
    public bool IsDefined => Reason is null && _value is not null;

    /// <summary>The figure; asking for one that is not there is a mistake of the caller.</summary>
    public T Value => IsDefined ? _value! : throw new InvalidOperationException($"Not computable: {Reason}.");

    public static implicit operator Computed<T>(T value) => new(value, null);

    public static implicit operator Computed<T>(NotComputable reason) => new(default, reason);

    /// <summary>The figure made into another, or the same reason.</summary>
    public Computed<TNext> Then<TNext>(Func<T, TNext> next) => Reason is { } reason ? reason : next(Value);

    /// <summary>The figure made into another that may not be computable itself, or the same reason.</summary>
    public Computed<TNext> Then<TNext>(Func<T, Computed<TNext>> next) => Reason is { } reason ? reason : next(Value);

    public override string ToString() => IsDefined ? $"{_value}" : $"not computable: {Reason?.Word()}";
}
