namespace AiDc.Trainer.Distributed.Collectives;

/// <summary>What of a parameter decides on its bucket.</summary>
/// <param name="Kind">Only parameters of the same kind (type and device) share a bucket.</param>
internal readonly record struct ParameterShape(long Elements, long ElementSize, object Kind)
{
    public long Bytes => Elements * ElementSize;
}
