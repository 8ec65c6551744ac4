namespace AiDc.Trainer.Serving.Models;

/// <summary>A tensor of a request or of a response.</summary>
/// <param name="Shape">The first dimension counts samples.</param>
/// <param name="Data">Row-major, little-endian; for <see cref="Datatype.Bytes"/> each value is its length as uint32, then that many bytes.</param>
public sealed record TensorValue(string Name, Datatype Datatype, long[] Shape, ReadOnlyMemory<byte> Data);
