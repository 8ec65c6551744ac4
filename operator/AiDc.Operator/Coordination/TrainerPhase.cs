namespace AiDc.Operator.Coordination;

/// <summary>What a worker is busy with, as its heartbeat says.</summary>
public enum TrainerPhase
{
    Unknown,
    Loading,
    Training,
    Validating,
    Testing,
}
