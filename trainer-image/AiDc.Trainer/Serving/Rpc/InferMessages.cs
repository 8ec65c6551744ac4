using AiDc.Trainer.Serving.Admission;
using AiDc.Trainer.Serving.Batching;
using AiDc.Trainer.Serving.Errors;
using AiDc.Trainer.Serving.Hosting;
using AiDc.Trainer.Serving.Models;
using AiDc.Trainer.Serving.Rpc.Wire;
using Google.Protobuf;

namespace AiDc.Trainer.Serving.Rpc;

/// <summary>Requests and responses of gRPC, to tensors and back.</summary>
internal static class InferMessages
{
    /// <exception cref="ServingException">It is no request; the message says where and why.</exception>
    /// <param name="memory">For what the tensors take beyond the message.</param>
    public static IReadOnlyList<TensorValue> Inputs(ModelInferRequest request, MemoryReservation memory)
    {
        var raw = request.RawInputContents;
        if (raw.Count > 0 && raw.Count != request.Inputs.Count)
            throw ServingException.Invalid($"raw_input_contents has {raw.Count} tensors, but inputs has {request.Inputs.Count}: there must be one for each");
        var inputs = new TensorValue[request.Inputs.Count];
        for (var i = 0; i < inputs.Length; i++) inputs[i] = Input(request.Inputs[i], i, raw.Count > 0 ? raw[i] : null, memory);
        return inputs;
    }

    /// <param name="memory">For the answer, beyond the model's outputs.</param>
    /// <exception cref="ServingException">There is no room for it, or the model has no output of a name that is asked for.</exception>
    public static ModelInferResponse Response(ModelInferRequest request, ModelMetadata model, InferenceOutcome outcome, MemoryReservation memory)
    {
        var response = new ModelInferResponse { ModelName = model.Name, ModelVersion = model.Versions[0], Id = request.Id };
        var outputs = OutputSelection.Select(outcome.Outputs, request.Outputs.Select(o => o.Name).ToArray());
        // Raw for all of them, or for none; typed contents are lists, and slower.
        var raw = request.RawInputContents.Count > 0 || outputs.Any(o => o.Datatype is Datatype.Fp16 or Datatype.Bf16);
        foreach (var output in outputs)
        {
            var tensor = new ModelInferResponse.Types.InferOutputTensor { Name = output.Name, Datatype = output.Datatype.NameOf() };
            tensor.Shape.AddRange(output.Shape);
            response.Outputs.Add(tensor);
            // The memory is the output's own, and nobody writes to it.
            if (raw) response.RawOutputContents.Add(UnsafeByteOperations.UnsafeWrap(output.Data));
            else
            {
                memory.TakeForAnswer(TensorContents.SizeOf(output));
                tensor.Contents = TensorContents.OfOutput(output);
            }
        }

        // The message is in one piece before its first byte is sent.
        memory.TakeForAnswer(response.CalculateSize());
        return response;
    }

    private static TensorValue Input(ModelInferRequest.Types.InferInputTensor input, int index, ByteString? raw, MemoryReservation memory)
    {
        if (input.Name.Length == 0) throw ServingException.Invalid($"inputs[{index}].name is missing");
        var type = Datatypes.Find(input.Datatype)
            ?? throw ServingException.Invalid($"input '{input.Name}': there is no datatype '{input.Datatype}'; use one of {string.Join(", ", Datatypes.Names)}");
        long[] shape = [.. input.Shape];
        if (raw is not null)
        {
            // MLServer's client leaves contents of no values next to raw ones.
            return input.Contents is null || TensorContents.SizeOf(input.Contents) == 0
                ? new(input.Name, type, shape, raw.Memory)
                : throw ServingException.Invalid($"input '{input.Name}': it has both contents and raw_input_contents; use one of them");
        }

        if (input.Contents is null) throw ServingException.Invalid($"input '{input.Name}': contents is missing");
        // A number of one byte in the message is one of eight in the list, and again in the tensor.
        memory.Take(2 * TensorContents.SizeOf(input.Contents));
        return new(input.Name, type, shape, TensorContents.ToBytes(input.Name, type, input.Contents));
    }
}
