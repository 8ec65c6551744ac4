using System.Buffers.Binary;

namespace AiDc.Trainer.Serving.Models;

/// <summary>What every model asks of a request's inputs, whatever computes it: native code gets nothing that its own metadata contradict.</summary>
internal static class InputRules
{
    /// <param name="model">What the model declares.</param>
    /// <returns>The inputs in the order that the model takes them.</returns>
    /// <exception cref="ModelInputException">They are not what the model takes.</exception>
    public static TensorValue[] Check(ModelMetadata model, IReadOnlyList<TensorValue> inputs)
    {
        foreach (var input in inputs)
        {
            if (!model.Inputs.Any(i => i.Name == input.Name))
                throw new ModelInputException(input.Name, "the model has no such input", $"Use {Names(model)}");
        }

        var ordered = new TensorValue[model.Inputs.Count];
        for (var i = 0; i < ordered.Length; i++)
        {
            ordered[i] = Find(model.Inputs[i].Name, inputs);
            CheckTensor(model.Inputs[i], ordered[i]);
        }

        if (model.Batches) CheckSamples(ordered);
        return ordered;
    }

    private static TensorValue Find(string name, IReadOnlyList<TensorValue> inputs)
    {
        TensorValue? found = null;
        foreach (var input in inputs)
        {
            if (input.Name != name) continue;
            if (found is not null) throw new ModelInputException(name, "it is there twice", "Send it once");
            found = input;
        }

        return found ?? throw new ModelInputException(name, "it is missing", "The model needs all of its inputs");
    }

    private static void CheckTensor(TensorMetadata declared, TensorValue input)
    {
        var name = input.Name;
        if (input.Datatype != declared.Datatype)
            throw new ModelInputException(name, $"datatype {input.Datatype.NameOf()}, expected {declared.Datatype.NameOf()}", "Convert the values before they are sent");
        var isOpen = declared.Shape.Count == 0;
        if (!isOpen && input.Shape.Length != declared.Shape.Count)
            throw new ModelInputException(name, $"shape {Show(input.Shape)} has {input.Shape.Length} dimensions, expected {Show(declared.Shape)}", FirstIsBatch(declared));
        for (var i = 0; i < input.Shape.Length; i++)
        {
            if (input.Shape[i] < 0) throw new ModelInputException(name, $"shape {Show(input.Shape)} has a size below 0, of which there is no value at all", "Give every dimension a size of at least 0");
            if (!isOpen && declared.Shape[i] >= 0 && declared.Shape[i] != input.Shape[i])
                throw new ModelInputException(name, $"shape {Show(input.Shape)}, expected {Show(declared.Shape)}", FirstIsBatch(declared));
        }

        CheckData(input);
    }

    private static void CheckSamples(TensorValue[] inputs)
    {
        foreach (var input in inputs)
        {
            if (input.Shape.Length == 0) throw new ModelInputException(input.Name, "it is a single value, but its first dimension counts samples", "Send it as an array of one");
        }

        var rows = inputs.Length > 0 ? inputs[0].Shape[0] : 0;
        foreach (var input in inputs)
        {
            if (input.Shape[0] != rows)
                throw new ModelInputException(input.Name, $"{input.Shape[0]} samples, but '{inputs[0].Name}' has {rows}", "Send equally many of each input");
        }
    }

    private static void CheckData(TensorValue input)
    {
        var count = Count(input);
        if (input.Datatype == Datatype.Bytes)
        {
            CheckStrings(input, count);
            return;
        }

        var bytes = (UInt128)count * (uint)input.Datatype.SizeOf();
        if (bytes != (UInt128)input.Data.Length)
            throw new ModelInputException(input.Name, $"{input.Data.Length} bytes, but shape {Show(input.Shape)} of {input.Datatype.NameOf()} takes {bytes}", "Send as many values as the shape says");
        // Any other byte in a boolean is undefined in C++.
        if (input.Datatype == Datatype.Bool && input.Data.Span.IndexOfAnyExceptInRange((byte)0, (byte)1) >= 0)
            throw new ModelInputException(input.Name, "a byte of BOOL is neither 0 nor 1", "Send 0 for false and 1 for true");
    }

    private static void CheckStrings(TensorValue input, UInt128 count)
    {
        UInt128 found = 0;
        var rest = input.Data.Span;
        for (; rest.Length > 0; found++)
        {
            if (rest.Length < sizeof(uint) || BinaryPrimitives.ReadUInt32LittleEndian(rest) is var length && length > rest.Length - sizeof(uint))
                throw new ModelInputException(input.Name, $"value {found} of BYTES is cut off", "Write each as its length, a little-endian uint32, and that many bytes");
            rest = rest[(sizeof(uint) + (int)length)..];
        }

        if (found != count) throw new ModelInputException(input.Name, $"{found} values, but shape {Show(input.Shape)} has {count}", "Send as many values as the shape says");
    }

    private static UInt128 Count(TensorValue input)
    {
        UInt128 count = 1;
        foreach (var size in input.Shape)
        {
            // Also next to a size of 0: the numbers themselves go to native code.
            if (size > int.MaxValue || (count *= (ulong)size) > int.MaxValue) throw new ModelInputException(input.Name, $"shape {Show(input.Shape)} is too large", "Send fewer values at once");
        }

        return count;
    }

    private static string FirstIsBatch(TensorMetadata declared) =>
        declared.Shape is [-1, ..] ? "Send that shape; -1 is any size, the first counts samples" : "Send that shape; -1 is any size";

    private static string Names(ModelMetadata model) => string.Join(", ", model.Inputs.Select(i => $"'{i.Name}'"));

    internal static string Show(IEnumerable<long> shape) => $"[{string.Join(',', shape)}]";
}
