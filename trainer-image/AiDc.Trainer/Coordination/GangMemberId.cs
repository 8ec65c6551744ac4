namespace AiDc.Trainer.Coordination;

/// <summary>A worker pod as the leader names it.</summary>
internal sealed record GangMemberId(int WorkerIndex, string PodUid);
